import { dirname } from 'node:path';
import { inspectInstallation } from '../library/folder.ts';
import type { LibraryLocation } from '../library/location.ts';
import type { Machine } from '../library/platform.ts';
import { loadAdvice } from '../native/load-advice.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import type { ProbeDefect, ProbeReport, Untried } from './probe.ts';

const sources = {
  environment: 'LIBTENSORFLOW_PATH',
  cache: 'the cache',
  installed: 'the cache',
  'tfjs-node': 'tfjs-node',
} as const;

const howToInstall =
  'Install it by `npx @bag-of-tricks/trainer install`, in code by `await installLibrary()`';

/** How a library that is not there yet comes: what says so, and the bytes to fetch. */
export interface Fetching {
  readonly installs: string;
  readonly bytes: number;
}

export function libraryFinding(
  location: LibraryLocation | undefined,
  {
    fetching,
    named,
  }: { readonly fetching: Fetching | undefined; readonly named?: string | undefined },
): Finding {
  if (location === undefined && fetching !== undefined) {
    const megabytes = Math.round(fetching.bytes / 1e6);
    return warn('Library', `not there yet, ${megabytes} MB to fetch`, fetching.installs);
  }
  if (location === undefined && named) {
    // Nothing replaces it, also not an installation.
    const remedy = 'Set LIBTENSORFLOW_PATH to the folder of the library, or unset it.';
    return fail('Library', `none in LIBTENSORFLOW_PATH=${named}`, remedy);
  }
  if (location === undefined) return fail('Library', 'not found', howToInstall);
  return ok('Library', `${location.corePath} (from ${sources[location.source]})`);
}

/** Reads every byte of a library that pip installed, and compares its hashes. */
export async function integrityFinding(
  location: LibraryLocation,
  machine: Machine,
): Promise<Finding[]> {
  if (location.source !== 'cache') return [];
  const folder = dirname(location.directory);
  const result = await inspectInstallation(folder, machine, { deep: true });
  if (!('defect' in result)) return [ok('Library files', 'as they were installed (sha256)')];
  return [fail('Library files', result.defect, `Delete ${folder} and install it again.`)];
}

/** What loading the library and computing with it showed. */
export function probeFindings(
  report: ProbeReport | ProbeDefect | Untried,
  location: LibraryLocation,
  { pinnedVersion, os }: { readonly pinnedVersion: string | undefined; readonly os: string },
): Finding[] {
  if ('untried' in report) {
    const value = `not tried, no process could be started: ${report.untried}`;
    return [warn('Test step', value, report.remedy)];
  }
  if ('defect' in report) {
    const another =
      location.source === 'cache' ? `Delete ${dirname(location.directory)} and i` : 'I';
    const again = `${another}nstall the library again, or set LIBTENSORFLOW_PATH to another.`;
    return [fail('Loading', report.defect, report.remedy ?? loadAdvice(os, again))];
  }
  const { version, devices, computed, expected } = report;
  const isRight =
    computed.length === expected.length &&
    computed.every((value, index) => value === expected[index]);
  const wrong = `computed ${computed.join(' ')} instead of ${expected.join(' ')}`;
  return [
    pinnedVersion === undefined || version === pinnedVersion
      ? ok('TensorFlow', version)
      : warn('TensorFlow', version, `This package is tested with ${pinnedVersion}.`),
    ok('Devices', devices.map(({ type, name }) => `${type} (${name})`).join(', ')),
    isRight
      ? ok('Test step', 'convolution, its gradient and matrix product are right')
      : fail('Test step', wrong, 'The library computes wrong results here: do not train with it.'),
  ];
}
