import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StepResult } from '../contestants/step-spec.ts';
import { describeMachine, type Machine } from '../machine.ts';

/** What a figure was made with: every report begins with it. */
export interface Provenance {
  readonly command: string;
  readonly date: string;
  /** The commit, with `+` where files differ from it; null outside of a clone. */
  readonly commit: string | null;
  readonly machine: Machine;
}

/** Call it before measuring, for it reads how busy the machine is. */
export async function provenance(command: string): Promise<Provenance> {
  return {
    command,
    date: new Date().toISOString(),
    commit: await currentCommit(),
    machine: describeMachine(),
  };
}

async function currentCommit(): Promise<string | null> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
  try {
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return `${await git('rev-parse', 'HEAD')}${changes === '' ? '' : '+'}`;
  } catch {
    return null;
  }
}

/** The versions that all processes of a comparison told. */
export function mergeVersions(
  results: Iterable<readonly Pick<StepResult, 'versions'>[]>,
): Record<string, string> {
  return Object.assign({}, ...[...results].flat().map(({ versions }) => versions));
}

/** One line for a reader. */
export function describeProvenance({ machine, commit, date }: Provenance): string {
  const flags = Object.entries(machine.flags).flatMap(([flag, present]) => (present ? [flag] : []));
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${flags.join(' ')}; ` +
    `load ${machine.loadBefore.toFixed(2)} before; commit ${commit?.replace(/^(.{9})[^+]*/, '$1') ?? 'unknown'}, ${date}`
  );
}
