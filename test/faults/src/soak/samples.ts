import { readdirSync, readFileSync } from 'node:fs';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';

/** What may grow: each a line of the plot. */
export const measures = ['memory', 'handles', 'mappings', 'descriptors', 'time'] as const;

export type Measure = (typeof measures)[number];

/** One look at the process: memory in MB, and milliseconds of CPU a round since the look before, which other processes hardly change. */
export type Sample = { readonly round: number } & Readonly<Record<Measure, number>>;

/** Looks at this process after every few rounds; `global.gc` makes its memory what is in use. */
export async function openSampler(rounds: number, looks = 100) {
  const { nativeHandleCount } = await registerTensorFlowBackend({ install: true });
  const every = Math.max(1, Math.floor(rounds / looks));
  const samples: Sample[] = [];
  let round = 0;
  let used = process.cpuUsage();
  return {
    samples: samples as readonly Sample[],
    /** To be called after each round. */
    afterRound() {
      round++;
      if (round % every !== 0) return;
      const { user, system } = process.cpuUsage(used);
      const time = (user + system) / 1000 / every;
      globalThis.gc?.();
      samples.push({
        round,
        memory: process.memoryUsage.rss() / 1e6,
        handles: nativeHandleCount(),
        mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length - 1,
        descriptors: readdirSync('/proc/self/fd').length,
        time,
      });
      used = process.cpuUsage();
    },
  };
}

/** Median of the slopes between all pairs of samples after the first third, a round: Theil and Sen's line, which single looks do not move. */
export function growth(samples: readonly Sample[], measure: Measure): number {
  const settled = samples.slice(Math.ceil(samples.length / 3));
  const slopes = settled.flatMap((a, i) =>
    settled.slice(i + 1).map((b) => (b[measure] - a[measure]) / (b.round - a.round)),
  );
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
