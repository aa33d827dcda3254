import { oursCommand } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import type { EagerOpTimes } from '../ours/eager-op.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';

/** What `bench eager-op --json` prints: microseconds. */
export interface EagerOpReport extends Provenance, EagerOpTimes {}

/** Measures what an eager op costs apart from computing. */
export async function eagerOpReport(samples: number): Promise<EagerOpReport> {
  const before = await provenance('eager-op');
  return { ...before, ...(await runChild<EagerOpTimes>(oursCommand('eager-op', { samples }))) };
}

/** The report for a reader. */
export function formatEagerOp(report: EagerOpReport): string {
  return [
    describeProvenance(report),
    '',
    `tf.add of two scalars       ${report.throughTensorFlowJs.toFixed(1)} us`,
    `the same through a binding  ${report.throughBinding.toFixed(1)} us`,
  ].join('\n');
}
