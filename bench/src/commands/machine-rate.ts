import { oursCommand } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import type { MachineRate } from '../ours/machine-rate.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';

/** What `bench machine-rate --json` prints: 10^9 operations a second. */
export interface MachineRateReport extends Provenance, MachineRate {}

/** Measures the machine's best rates through TensorFlow. */
export async function machineRateReport(threads: number | null): Promise<MachineRateReport> {
  const before = await provenance('machine-rate');
  return { ...before, ...(await runChild<MachineRate>(oursCommand('machine-rate', { threads }))) };
}

/** The report for a reader. */
export function formatMachineRate(report: MachineRateReport): string {
  return [
    describeProvenance(report),
    '',
    `convolution     ${report.convolution.toFixed(0)} GFLOPS`,
    `matrix product  ${report.matrixProduct.toFixed(0)} GFLOPS`,
  ].join('\n');
}
