import { type CompareOptions, prepareWorkload } from '../compare/compare-workload.ts';
import { type Measurement, measure } from '../compare/measure.ts';
import { alternate } from '../compare/rounds.ts';
import { oursCommand } from '../contestants/contestants.ts';
import type { OursSpec } from '../contestants/step-spec.ts';
import { busyWarning } from '../report/busy-machine.ts';
import { percent, spread, threeDigits } from '../report/numbers.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import { formatTable } from '../report/table.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Workload } from '../workloads.ts';

/** What the tricks that do something in a step are switched off by. The schedules and zero gamma cost nothing there. */
const WITHOUT: Readonly<Record<string, Partial<OursSpec>>> = {
  'label smoothing': { epsilon: 0 },
  mixup: { mixup: false },
  'no bias decay': { noBiasDecay: false },
};

/** The same depth in the paper's baseline variant. */
const WITHOUT_VARIANT = 'variant D';

/** A step with all tricks, or with all but one. */
export interface TrickSummary {
  /** The trick that is missing; null for the step with all of them. */
  readonly without: string | null;
  readonly stepMs: Spread;
  readonly opCount: number | null;
  /** What the missing trick costs, as a share of the step with all of them; negative when the step is slower without it. */
  readonly costShare: number;
  /** How many ops the missing trick adds. */
  readonly costOps: number | null;
}

/** What `bench tricks --json` prints. */
export interface TricksReport extends Provenance {
  readonly execution: OursSpec['execution'];
  readonly networks: readonly {
    readonly workload: Workload;
    readonly tricks: readonly TrickSummary[];
  }[];
  readonly warning: string | null;
}

/** Measures what each trick costs in a step, by leaving out one at a time. */
export async function tricksReport(
  workloads: readonly Workload[],
  options: CompareOptions,
  execution: OursSpec['execution'],
): Promise<TricksReport> {
  const before = await provenance('tricks');
  const networks = [];
  const all: Measurement[] = [];
  for (const workload of workloads) {
    const results = await measureTricks(workload, options, execution);
    all.push(...[...results.values()].flat());
    networks.push({ workload, tricks: summarizeTricks(results) });
  }
  return { ...before, execution, networks, warning: busyWarning(all) };
}

async function measureTricks(
  workload: Workload,
  options: CompareOptions,
  execution: OursSpec['execution'],
): Promise<Map<string, Measurement[]>> {
  const baseline = { ...workload, network: workload.network.replace(/d$/, 'a') };
  const full = { mixup: true, noBiasDecay: true, execution };
  const { spec } = await prepareWorkload(workload, options);
  const { spec: baselineSpec } = await prepareWorkload(baseline, options);
  const specs = new Map<string, OursSpec>([
    ['', { ...spec, ...full }],
    ...Object.entries(WITHOUT).map(
      ([trick, change]) => [trick, { ...spec, ...full, ...change }] as const,
    ),
    [WITHOUT_VARIANT, { ...baselineSpec, ...full }],
  ]);
  return alternate([...specs.keys()], {
    rounds: options.rounds,
    run: async (trick, round) => {
      const result = await measure(oursCommand('train-step', specs.get(trick)));
      const what = trick === '' ? 'all tricks' : `without ${trick}`;
      options.report(
        `${workload.network}, round ${round + 1}/${options.rounds}: ${what} ${result.medianStepMs.toFixed(0)} ms`,
      );
      return result;
    },
  });
}

/** Turns rounds, by the name of the missing trick, into figures. */
export function summarizeTricks(
  results: ReadonlyMap<string, readonly Pick<Measurement, 'medianStepMs' | 'opCount'>[]>,
): TrickSummary[] {
  const summaries = [...results].map(([trick, rounds]) => ({
    without: trick === '' ? null : trick,
    stepMs: spreadOf(rounds.map(({ medianStepMs }) => medianStepMs)),
    opCount: rounds[0]!.opCount,
  }));
  const full = summaries.find(({ without }) => without === null)!;
  return summaries.map((summary) => ({
    ...summary,
    costShare: (full.stepMs.median - summary.stepMs.median) / full.stepMs.median,
    costOps:
      full.opCount === null || summary.opCount === null ? null : full.opCount - summary.opCount,
  }));
}

/** The report for a reader. */
export function formatTricks(report: TricksReport): string {
  const tables = report.networks.map(({ workload, tricks }) => {
    const rows = tricks.map(({ without, stepMs, opCount, costShare, costOps }) => [
      without === null ? 'all tricks' : `without ${without}`,
      spread(stepMs),
      String(opCount ?? '-'),
      without === null ? '-' : threeDigits(tricks[0]!.stepMs.median - stepMs.median),
      without === null ? '-' : percent(costShare),
      without === null ? '-' : String(costOps ?? '-'),
    ]);
    const name = `${workload.network}, batch ${workload.batchSize}, ${report.execution}`;
    const header = [name, 'step ms (min..max)', 'ops', 'trick ms', 'of the step', 'trick ops'];
    return formatTable(header, rows);
  });
  const parts = [describeProvenance(report), ...tables];
  return [...parts, ...(report.warning === null ? [] : [report.warning])].join('\n\n');
}
