import type { LowPrecision, PrecisionProbe } from '@bag-of-tricks/amp';
import { type CompareOptions, prepareWorkload } from '../compare/compare-workload.ts';
import { type Measurement, measure } from '../compare/measure.ts';
import { alternate } from '../compare/rounds.ts';
import { summarizeTricks, type TrickSummary } from '../compare/trick-summary.ts';
import { baselineOf, recipeSpec, trickVariants } from '../compare/trick-variants.ts';
import { oursCommand } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import type { OursSpec } from '../contestants/step-spec.ts';
import { busyWarning } from '../report/busy-machine.ts';
import { percent, spread, threeDigits } from '../report/numbers.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import { formatTable } from '../report/table.ts';
import type { Workload } from '../workloads.ts';

/** What `bench tricks --json` prints. */
export interface TricksReport extends Provenance {
  readonly execution: OursSpec['execution'];
  readonly networks: readonly {
    readonly workload: Workload;
    /** The first is the step of the recipe. */
    readonly tricks: readonly TrickSummary[];
  }[];
  readonly warning: string | null;
}

/** Measures what each trick costs in a step, by leaving out or adding one at a time. */
export async function tricksReport(
  workloads: readonly Workload[],
  options: CompareOptions,
  execution: OursSpec['execution'],
): Promise<TricksReport> {
  const before = await provenance('tricks');
  const amp = await fastBfloat16();
  const networks = [];
  const all: Measurement[] = [];
  for (const workload of workloads) {
    const { results, tricks } = await measureTricks(workload, options, { execution, amp });
    all.push(...results);
    networks.push({ workload, tricks });
  }
  return { ...before, execution, networks, warning: busyWarning(all) };
}

/** bfloat16 where it is fast: elsewhere nobody would use it. */
async function fastBfloat16(): Promise<LowPrecision | null> {
  const spec = { dtype: 'bfloat16' };
  const { dtype, native } = await runChild<PrecisionProbe>(oursCommand('precision', spec));
  return native === 'fast' ? dtype : null;
}

async function measureTricks(
  workload: Workload,
  options: CompareOptions,
  {
    execution,
    amp,
  }: { readonly execution: OursSpec['execution']; readonly amp: LowPrecision | null },
): Promise<{ results: Measurement[]; tricks: TrickSummary[] }> {
  const { report, rounds } = options;
  const baseline = { ...workload, network: baselineOf(workload.network) };
  const { spec } = await prepareWorkload(workload, options);
  const { spec: baselineSpec } = await prepareWorkload(baseline, options);
  const recipe = recipeSpec(spec, execution);
  const variants = trickVariants(recipe, { baseline: recipeSpec(baselineSpec, execution), amp });
  const specs = new Map([
    ['recipe', recipe],
    ...variants.map(({ change, trick, spec }) => [`${change} ${trick}`, spec] as const),
  ]);
  const results = await alternate([...specs.keys()], {
    rounds,
    run: async (name, round) => {
      const result = await measure(oursCommand('train-step', specs.get(name)));
      const time = `${result.medianStepMs.toFixed(0)} ms`;
      report(`${workload.network}, round ${round + 1}/${rounds}: ${name} ${time}`);
      return result;
    },
  });
  const [full, ...changed] = [...results.values()];
  return {
    results: [full!, ...changed].flat(),
    tricks: summarizeTricks(
      full!,
      variants.map((variant, index) => ({ ...variant, rounds: changed[index]! })),
    ),
  };
}

/** The report for a reader. */
export function formatTricks(report: TricksReport): string {
  const tables = report.networks.map(({ workload, tricks }) => {
    const rows = tricks.map(({ trick, change, stepMs, opCount, costMs, costShare, costOps }) => [
      trick === null ? 'all of the recipe' : `${change} ${trick}`,
      spread(stepMs),
      String(opCount ?? '-'),
      trick === null ? '-' : threeDigits(costMs),
      trick === null ? '-' : percent(costShare),
      trick === null ? '-' : String(costOps ?? '-'),
    ]);
    const name = `${workload.network}, batch ${workload.batchSize}, ${report.execution}`;
    const header = [name, 'step ms (min..max)', 'ops', 'trick ms', 'of the step', 'trick ops'];
    return formatTable(header, rows);
  });
  const parts = [describeProvenance(report), ...tables];
  return [...parts, ...(report.warning === null ? [] : [report.warning])].join('\n\n');
}
