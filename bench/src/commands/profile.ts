import type { LowPrecision } from '@bag-of-tricks/amp';
import { type CompareOptions, prepareWorkload } from '../compare/compare-workload.ts';
import { oursCommand, oursSpec } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import type { OpTime, OursSpec, StepResult } from '../contestants/step-spec.ts';
import { percent, threeDigits } from '../report/numbers.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import { formatTable } from '../report/table.ts';
import type { Workload } from '../workloads.ts';

/** What `bench profile --json` prints. */
export interface ProfileReport extends Provenance {
  readonly execution: OursSpec['execution'];
  readonly amp: LowPrecision | null;
  readonly networks: readonly { readonly workload: Workload; readonly ops: readonly OpTime[] }[];
}

/** Types of op that a reader wants to see; the others are summed. */
const shownTypes = 20;

/** Tells where a step's time goes, by type of op. */
export async function profileReport(
  workloads: readonly Workload[],
  options: CompareOptions,
  { execution, amp }: Pick<ProfileReport, 'execution' | 'amp'>,
): Promise<ProfileReport> {
  const before = await provenance('profile');
  const networks = [];
  for (const workload of workloads) {
    const { spec } = await prepareWorkload(workload, options);
    const command = oursCommand('train-step', oursSpec({ ...spec, amp }, { execution }));
    const { ops } = await runChild<StepResult>(command);
    networks.push({ workload, ops: ops! });
  }
  return { ...before, execution, amp, networks };
}

/** The first types one by one, the rest as one. */
export function withRest(ops: readonly OpTime[], shown: number): OpTime[] {
  const rest = ops.slice(shown);
  if (rest.length === 0) return [...ops];
  const sum = (key: 'count' | 'milliseconds') => rest.reduce((total, op) => total + op[key], 0);
  const name = `${rest.length} other types`;
  return [
    ...ops.slice(0, shown),
    { op: name, count: sum('count'), milliseconds: sum('milliseconds') },
  ];
}

/** The report for a reader. */
export function formatProfile(report: ProfileReport): string {
  const tables = report.networks.map(({ workload, ops }) => {
    const total = ops.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const rows = withRest(ops, shownTypes).map(({ op, count, milliseconds }) => [
      op,
      String(count),
      threeDigits(milliseconds),
      percent(milliseconds / total),
    ]);
    const title = `${workload.network}, batch ${workload.batchSize}, ${report.execution}${report.amp === null ? '' : `, ${report.amp}`}`;
    return formatTable([title, 'ops', 'ms', 'share'], rows);
  });
  return [describeProvenance(report), ...tables].join('\n\n');
}
