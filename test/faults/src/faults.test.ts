// What CI takes of each: drawn faults, kills at random instants, and soaks of some rounds.
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { drawCases } from './driver/cases.ts';
import { runCases } from './driver/run-cases.ts';
import { formatFaults } from './driver/table.ts';
import { randomKills } from './kills/random-kills.ts';
import { compileFaults } from './library/compile.ts';
import type { Operation } from './library/control.ts';
import { runSoak } from './soak/run-soak.ts';
import { soaks } from './soak/soaks.ts';
import { judge } from './soak/verdict.ts';

/** Checkpoints that got their name before what is in them was on the disk, or whose name was not brought there too. */
function unsynced(operations: readonly Operation[]): string[] {
  const names = operations.map(({ name, path }) => `${name} ${path}`);
  return operations.flatMap(({ name, path }, at) => {
    if (name !== 'rename' || !/^checkpoints\/epoch-/.test(path)) return [];
    const start = names.findLastIndex(
      (text, i) => i < at && text.startsWith(`mkdir checkpoints/.tmp-${path.slice(12)}`),
    );
    const made = operations.slice(start, at);
    const folder = made[0]!.path;
    const parts = [folder, ...made.flatMap((one) => (one.name === 'write' ? one.path : []))];
    const synced = (part: string) =>
      made.findLastIndex((one) => one.name === 'fsync' && one.path === part) >
      made.findLastIndex((one) => one.name === 'write' && one.path === part);
    const isNameSynced = names.indexOf('fsync checkpoints', at) > 0;
    return [...parts.filter((part) => !synced(part)), ...(isNameSynced ? [] : [path])];
  });
}

const library = compileFaults();
const workers = availableParallelism();
const patience = { tags: ['slow'], timeout: 1_800_000 };

describe('a run whose files fail', () => {
  // Without a compiler it counts as skipped.
  test.skipIf(library === null)(
    '300 faults, drawn from all at all operations, each end in the run that nothing happened to',
    patience,
    async () => {
      const choose = (all: Parameters<typeof drawCases>[0]) => drawCases(all, 300, 1);
      const { results, undisturbed, operations } = await runCases(library!, { choose, workers });
      expect(undisturbed.ending).toBe('resumed');
      expect(results).toHaveLength(300);
      expect(unsynced(operations)).toEqual([]);
      expect(formatFaults(results)).toEqual([]);
    },
  );

  test(
    '20 kills at random instants, each resumed to the run that nothing happened to',
    patience,
    async () => {
      const { kills, faults } = await randomKills(20, { seed: 1, workers });
      expect(faults).toEqual([]);
      expect(kills).toBe(20);
    },
  );
});

describe.skipIf(process.platform !== 'linux')('a process that goes on and on', () => {
  test.each([
    ['epochs', 90],
    ['decoders', 45],
    ['compiles', 60],
  ] as const)(
    'holds memory, handles, mappings and descriptors over %s',
    patience,
    async (name, rounds) => {
      const grown = judge(await runSoak(name, rounds), {
        ...soaks[name].allowed,
        // They have not settled after so few rounds; a thread that is left takes 3 mappings.
        ...{ memory: 0.3, mappings: 0.5 },
      });
      expect(grown.filter(({ measure, tooMuch }) => tooMuch && measure !== 'time')).toEqual([]);
    },
  );
});
