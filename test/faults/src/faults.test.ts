// What CI takes of each: drawn faults, kills at random instants, and soaks of some rounds.
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { drawCases, killsAtCuts } from './driver/cases.ts';
import { runCases } from './driver/run-cases.ts';
import { formatFaults } from './driver/table.ts';
import { randomKills } from './kills/random-kills.ts';
import { compileFaults } from './library/compile.ts';
import { unsynced } from './library/unsynced.ts';
import { runSoak } from './soak/run-soak.ts';
import { soaks } from './soak/soaks.ts';
import { judge } from './soak/verdict.ts';

const library = compileFaults();
const workers = availableParallelism();

describe('a run whose files fail', () => {
  // Without a compiler it counts as skipped.
  test.skipIf(library === null)(
    '200 faults, drawn from all at all operations, and kills where rows are cut off, each end in the run that nothing happened to',
    { tags: ['slow'] },
    async () => {
      const choose = (all: Parameters<typeof drawCases>[0]) => [
        ...new Set([...drawCases(all, 200, 1), ...killsAtCuts(all)]),
      ];
      const { results, undisturbed, operations } = await runCases(library!, { choose, workers });
      expect(undisturbed.ending).toBe('resumed');
      expect(results.length).toBeGreaterThan(200);
      expect(unsynced(operations)).toEqual([]);
      expect(formatFaults(results)).toEqual([]);
    },
  );

  test('20 kills at random instants, each resumed to the run that nothing happened to', {
    tags: ['slow'],
  }, async () => {
    const { kills, faults } = await randomKills(20, { seed: 1, workers });
    expect(faults).toEqual([]);
    expect(kills).toBe(20);
  });
});

describe.skipIf(process.platform !== 'linux')('a process that goes on and on', () => {
  test.each([
    ['epochs', 90],
    ['decoders', 45],
    ['compiles', 60],
  ] as const)(
    'holds memory, handles, mappings, descriptors and the time of a round over %s',
    { tags: ['slow'] },
    async (name, rounds) => {
      const grown = judge(await runSoak(name, rounds), {
        ...soaks[name].allowed,
        // They have not settled after so few rounds; a thread that is left takes 3 mappings. The time is the CPU's.
        ...{ memory: 0.3, mappings: 0.5, time: 1 },
      });
      expect(grown.filter(({ tooMuch }) => tooMuch)).toEqual([]);
    },
  );
});
