import type { ScaleModel, ScaleReport, ScaleWorkload } from '../commands/scale.ts';
import { percent, spread, threeDigits } from './numbers.ts';
import { describeProvenance } from './provenance.ts';
import { formatTable } from './table.ts';

/** The report for a reader. */
export function formatScale(report: ScaleReport): string {
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${describeProvenance(report)}\n${versions.join(', ')}`,
    ...report.workloads.map(formatWorkload),
    ...(report.model === null ? [] : [formatModel(report.model)]),
    ...(report.warning === null ? [] : [report.warning]),
  ].join('\n\n');
}

function formatWorkload({ workload, contestants, ratios }: ScaleWorkload): string {
  const { network, batchSize, imageSize } = workload;
  const header = [
    `${network}, ${batchSize} images of ${imageSize} px`,
    'processes',
    'step ms (min..max)',
    'steps/s',
    'x one process',
    'communication',
    'MB sent a step',
  ];
  const rows = contestants.map((one) => [
    one.name,
    String(one.processes),
    spread(one.stepMs),
    threeDigits(1000 / one.stepMs.median),
    spread(one.ratio),
    percent(one.communication?.median ?? null),
    one.sentBytes === null ? '-' : threeDigits(one.sentBytes / 1e6),
  ]);
  return [
    formatTable(header, rows),
    '',
    ...Object.entries(ratios).map(([pair, ratio]) => `${pair}: ${spread(ratio)}`),
  ].join('\n');
}

function formatModel({ exchange, cpu, error, checks, forecasts }: ScaleModel): string {
  const { callMs, hopMs, byteMs, delays, overhead } = exchange;
  const perMegabyte = (ms: number) => `${threeDigits(ms * 1e6)} ms a MB`;
  const rows = forecasts.map((one) => [
    one.title,
    threeDigits(one.computeMs),
    threeDigits(one.exchangeMs),
    threeDigits(one.stepMs),
    percent(one.communication),
  ]);
  return [
    'An all-reduce of TensorFlow among N processes takes, in network namespaces of this machine:',
    `  ${threeDigits(callMs)} ms + 2(N - 1) (${threeDigits(hopMs)} ms + ${threeDigits(delays)} x delay) + 2(N - 1)/N bytes x (${threeDigits(overhead)} x 8 / rate + ${perMegabyte(byteMs)})`,
    `  within ${percent(error.median)} of what was measured (median; at most ${percent(error.max)}); of it on the cores: ${threeDigits(cpu.callMs)} ms + ${perMegabyte(cpu.byteMs)}`,
    ...checks.map(
      ({ network, link, predictedMs, measuredMs, ddpMs }) =>
        `  ${network}, 2 processes over ${link.rate! / 1e9} Gbit/s: predicted ${threeDigits(predictedMs)} ms a step, measured ${threeDigits(measuredMs)}${ddpMs === null ? '' : ` (DDP ${threeDigits(ddpMs)})`}`,
    ),
    '',
    'The model of a step: two thirds of it are the backward pass; gradients are there in the order of the layers, each after the share of the',
    'multiply-adds of its layer; buckets of 8 MiB are exchanged one after another beside it; on a GPU other cores do the work of the exchange.',
    'Assumed: the steps of a V100 are those of the paper (Table 3); 25 us from machine to machine; NCCL launches in 30 us, hops in 5 us, and',
    'uses 80 % of 16 GB/s (PCIe 3.0) or 150 GB/s (NVLink).',
    '',
    formatTable(['eight', 'step ms alone', 'exchange ms', 'step ms', 'communication'], rows),
  ].join('\n');
}
