import { oursCommand } from '../contestants/contestants.ts';
import type { ReduceTime } from '../ours/reduce-times.ts';
import { mean } from '../statistics.ts';
import type { Observation } from './fit.ts';
import { runGroup } from './run-group.ts';
import type { Link } from './step-model.ts';
import { withTestNetwork } from './test-network.ts';

/** Groups, and the links between them, that tell the parts of the cost from one another; more processes than cores only where the link is slow, not they. */
const networks: readonly { readonly size: number; readonly link: Link }[] = [
  { size: 2, link: { rate: null, delayMs: 0 } },
  { size: 2, link: { rate: 1e9, delayMs: 0 } },
  { size: 2, link: { rate: 2e8, delayMs: 0 } },
  { size: 2, link: { rate: 2e8, delayMs: 2 } },
  { size: 3, link: { rate: 2e8, delayMs: 5 } },
  { size: 4, link: { rate: 2e8, delayMs: 0 } },
];

const spec = { bytes: [2 ** 12, 2 ** 18, 2 ** 20, 2 ** 23], repeats: 9 };

/** Times all-reduces of several sizes between hosts in network namespaces. */
export async function measureExchange({
  python,
  onRow,
}: {
  readonly python: string;
  readonly onRow: (row: Readonly<Record<string, unknown>>) => void;
}): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const { size, link } of networks) {
    const times = await withTestNetwork({ size, link, python }, (network) =>
      runGroup<ReduceTime[]>(oursCommand('reduce-times', spec), { size, network }),
    );
    for (const [at, bytes] of spec.bytes.entries()) {
      const meanOf = (of: (time: ReduceTime) => number) => mean(times.map((all) => of(all[at]!)));
      const [ms, cpuMs] = [meanOf((time) => time.ms), meanOf((time) => time.cpuMs)];
      const observation = { processes: size, link, bytes, ms, cpuMs };
      observations.push(observation);
      onRow({ ...observation, collective: 'all-reduce' });
    }
  }
  return observations;
}
