import { type Benchmark, benchmark, formatBenchmark } from '@bag-of-tricks/trainer';
import type { CompareOptions } from '../compare/compare-workload.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import type { Workload } from '../workloads.ts';
import { formatTrainStep, type TrainStepReport, trainStepReport } from './train-step.ts';

/** What `bench gpu --json` prints. */
export interface GpuReport extends Provenance {
  readonly benchmark: Benchmark;
  /** Our compiled step beside PyTorch's, from the same weights and images; why it could not be compared; null where PyTorch is not installed. */
  readonly pytorch: TrainStepReport | { readonly failure: string } | null;
}

/** How long it may take, in seconds. */
interface GpuOptions {
  readonly workload: Workload;
  readonly batchSize: number | undefined;
  readonly seconds: number;
  /** How PyTorch is compared, or null. */
  readonly compare: CompareOptions | null;
  readonly report: (text: string) => void;
}

/** With PyTorch's part it is less than ten minutes on a GPU: there the other part takes two. */
const limitSeconds = 420;

/** The recipe on the GPU, or the CPU where there is none. */
export async function gpuReport({
  workload,
  batchSize,
  seconds,
  compare,
  report,
}: GpuOptions): Promise<GpuReport> {
  const before = await provenance('gpu');
  const { network: model, imageSize, numClasses } = workload;
  const measured = await benchmark({
    ...{ model, imageSize, numClasses, seconds, limitSeconds },
    ...(batchSize && { batchSize }),
    onProgress: (what) => report(`measuring: ${what}`),
  });
  return {
    ...before,
    benchmark: measured,
    pytorch: compare && (await againstPyTorch(workload, compare)),
  };
}

/** The losses of three steps, which the gradients of two have moved, must agree; on a GPU PyTorch runs there too. */
async function againstPyTorch(
  workload: Workload,
  compare: CompareOptions,
): Promise<NonNullable<GpuReport['pytorch']>> {
  process.env.BENCH_DEVICE = 'cuda';
  try {
    return await trainStepReport([workload], compare, null);
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

/** The report for a reader, and for an issue. */
export function formatGpu({ benchmark: measured, pytorch, ...before }: GpuReport): string {
  const beside =
    pytorch === null
      ? 'PyTorch is not installed, so nothing was compared with it (BENCH_PYTHON names a Python that has it).'
      : 'failure' in pytorch
        ? `Not compared with PyTorch: ${pytorch.failure}`
        : formatTrainStep(pytorch);
  return [describeProvenance(before), formatBenchmark(measured), beside].join('\n\n');
}
