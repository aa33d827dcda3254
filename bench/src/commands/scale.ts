import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type CompareOptions, prepareWorkload } from '../compare/compare-workload.ts';
import { ratioOf } from '../compare/summary.ts';
import { oursCommand } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import { busyWarning } from '../report/busy-machine.ts';
import { mergeVersions, type Provenance, provenance } from '../report/provenance.ts';
import { type ScaleContestant, scaleContestants, WHOLE } from '../scale/contestants.ts';
import { drawCost } from '../scale/cost-plot.ts';
import { type Fit, fitExchange } from '../scale/fit.ts';
import { type Forecast, forecast, type Scenario, scenarios, stolenOf } from '../scale/forecast.ts';
import { measureExchange } from '../scale/measure-exchange.ts';
import { measureSteps, type ScaleSummary, summarizeSteps } from '../scale/measure-steps.ts';
import { type Link, type StepWork, stepMs } from '../scale/step-model.ts';
import { withTestNetwork } from '../scale/test-network.ts';
import { median, type Spread } from '../statistics.ts';
import { findWorkloads, type Workload } from '../workloads.ts';

/** What `bench scale --json` prints. */
export interface ScaleReport extends Provenance {
  readonly versions: Readonly<Record<string, string>>;
  readonly workloads: readonly ScaleWorkload[];
  /** null without the test networks. */
  readonly model: ScaleModel | null;
  readonly warning: string | null;
}

/** One network's steps. */
export interface ScaleWorkload {
  readonly workload: Workload;
  readonly contestants: readonly ScaleSummary[];
  /** How much faster two processes of ours are than one with all threads, and than two of DDP. */
  readonly ratios: Readonly<Record<string, Spread>>;
}

/** What the exchange costs, here and elsewhere. */
export interface ScaleModel extends Fit {
  readonly checks: readonly ModelCheck[];
  readonly forecasts: readonly Forecast[];
}

/** A step over a link, as the model has it and as it is. */
export interface ModelCheck {
  readonly network: string;
  readonly link: Link;
  readonly predictedMs: number;
  readonly measuredMs: number;
  /** Of DistributedDataParallel over the same link. */
  readonly ddpMs: number | null;
}

/** Sizes at which a step on two cores takes less than a second or so. */
const sizes: Readonly<Record<string, Partial<Workload>>> = {
  resnet20d: { batchSize: 64 },
  resnet50d: { imageSize: 128 },
};

/** The network of the forecasts, at the paper's size. */
const [paper] = findWorkloads(['resnet50d']) as [Workload];

/** What `bench scale` is told. */
export interface ScaleOptions extends CompareOptions {
  readonly processes: readonly number[];
  /** Whether all-reduces are measured on test networks too, which takes root and Linux. */
  readonly testNetworks: boolean;
  /** Files that are written: a line of JSON for each process group, and the plot; null: none. */
  readonly rows: string | null;
  readonly plot: string | null;
}

/** Measures steps in groups of processes, fits the model of what their exchange costs, and says what it makes of other machines. */
export async function scaleReport(
  networks: readonly string[],
  options: ScaleOptions,
): Promise<ScaleReport> {
  const workloads = findWorkloads(networks).map((one) => ({ ...one, ...sizes[one.network] }));
  requireParts(workloads, options.processes);
  if (options.testNetworks) await requireTestNetworks(options);
  const before = await provenance('scale');
  const onRow = rowWriter(options, before);
  const contestants = scaleContestants(options.processes, options.python !== '');
  const measured = [];
  for (const workload of workloads) {
    measured.push(await measureWorkload(workload, contestants, { ...options, onRow }));
  }
  const all = measured.flatMap(({ results }) => [...results.values()]);
  const warning = busyWarning(all.flat());
  return {
    ...before,
    versions: mergeVersions(all),
    workloads: measured.map(({ report }) => report),
    model: options.testNetworks
      ? await modelOf(measured, { ...options, onRow }, captionOf(before, warning))
      : null,
    warning,
  };
}

function requireParts(workloads: readonly Workload[], processes: readonly number[]): void {
  for (const { network, batchSize } of workloads) {
    const other = processes.find((count) => batchSize % count !== 0);
    if (other === undefined) continue;
    throw new RangeError(
      `--processes: expected numbers that divide the ${batchSize} images of ${network}, got ${other}.`,
    );
  }
}

/** Before all else is measured. */
async function requireTestNetworks({ python }: ScaleOptions): Promise<void> {
  try {
    await withTestNetwork({ size: 2, link: { rate: 1e9, delayMs: 1 }, python }, async () => {});
  } catch (cause) {
    throw new Error(
      `scale: expected network namespaces, got: ${(cause as Error).message.trim()}. They take Linux, root, iproute2 and /dev/net/tun; --no-test-networks does without`,
      { cause },
    );
  }
}

type Measured = Awaited<ReturnType<typeof measureWorkload>>;
type Measuring = ScaleOptions & {
  readonly onRow: (row: Readonly<Record<string, unknown>>) => void;
};

function rowWriter({ rows, report }: ScaleOptions, before: Provenance): Measuring['onRow'] {
  const write = (row: object) => rows && appendFileSync(rows, `${JSON.stringify(row)}\n`);
  if (rows) mkdirSync(dirname(rows), { recursive: true });
  write(before);
  return (row) => {
    write(row);
    report(JSON.stringify(row));
  };
}

async function measureWorkload(
  workload: Workload,
  contestants: readonly ScaleContestant[],
  options: Measuring,
) {
  const { spec } = await prepareWorkload(workload, options);
  const { python, rounds, onRow } = options;
  const measuring = { contestants, spec, python, rounds, onRow };
  const results = await measureSteps({ ...measuring, network: null });
  const summaries = summarizeSteps(contestants, results);
  const timesOf = (name: string) => results.get(name)?.map((one) => one.stepMs);
  const pairs = contestants.flatMap(({ name, processes, wire }) => {
    if (processes === 1 || !wire || !name.startsWith('ours')) return [];
    const others = [WHOLE, 'pytorch-1', `ddp-${processes}`].filter((other) => results.has(other));
    return others.map((other) => [name, other] as const);
  });
  const ratios = pairs.map(([name, other]) => [
    `${name} over ${other}`,
    ratioOf(timesOf(other)!, timesOf(name)!),
  ]);
  return {
    spec,
    results,
    report: { workload, contestants: summaries, ratios: Object.fromEntries(ratios) },
  };
}

/** Over which the model is checked. */
const checkLink: Link = { rate: 1e9, delayMs: 0 };

async function modelOf(
  measured: readonly Measured[],
  options: Measuring,
  caption: string,
): Promise<ScaleModel> {
  const { python, onRow, plot, processes } = options;
  const fit = fitExchange(await measureExchange({ python, onRow }));
  const contestants = scaleContestants([2], python !== '').filter(({ name }) =>
    ['ours-2', 'ddp-2'].includes(name),
  );
  const checks: ModelCheck[] = [];
  for (const { spec, results, report } of processes.includes(2) ? measured : []) {
    const work = await workOf(report.workload);
    const found = await withTestNetwork({ size: 2, link: checkLink, python }, (network) =>
      measureSteps({ ...{ contestants, spec, python, onRow }, rounds: 1, network }),
    );
    const [measuredMs, ddpMs = null] = contestants.map(({ name }) => found.get(name)![0]!.stepMs);
    const computeMs = median(results.get('ours-2-apart')!.map((one) => one.stepMs));
    const stolen = stolenOf(fit, Math.max(1, Math.floor(availableParallelism() / 2)));
    const step = { computeMs, ...work, stolen };
    const predictedMs = stepMs(step, 2, checkLink, fit.exchange);
    const { network } = report.workload;
    checks.push({
      ...{ network, link: checkLink, predictedMs, measuredMs: measuredMs!, ddpMs },
    });
  }
  const here = await scenariosOf(measured, fit);
  if (plot) writeFileSync(plot, drawCost(here, caption));
  return { ...fit, checks, forecasts: here.map((scenario) => forecast(scenario, 8)) };
}

const captionOf = ({ date }: Provenance, warning: string | null) =>
  `processes; by the model of ${date.slice(0, 10)}${warning ? ', made on a busy machine' : ''}`;

async function scenariosOf(measured: readonly Measured[], fit: Fit): Promise<Scenario[]> {
  const { workload, contestants } = measured.at(-1)!.report;
  const { network, batchSize, imageSize } = workload;
  const computeMs = contestants.find(({ name }) => name === WHOLE)!.stepMs.median;
  const title = `this one's CPU, ${network}, ${batchSize} images of ${imageSize} px`;
  return scenarios(fit, await workOf(paper), {
    ...{ title, computeMs, cores: availableParallelism() },
  });
}

function workOf(workload: Workload): Promise<StepWork> {
  return runChild<StepWork>(oursCommand('gradient-work', workload));
}
