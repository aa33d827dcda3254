import { fileURLToPath } from 'node:url';
import { withoutTraces } from '@bag-of-tricks/libtensorflow';
import { type Benchmark, benchmark, formatBenchmark } from '@bag-of-tricks/trainer';
import { runChild } from '../contestants/run-child.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import type { Workload } from '../workloads.ts';
import { formatTrainStep, type TrainStepReport } from './train-step.ts';

/** What `bench gpu --json` prints. */
export interface GpuReport extends Provenance {
  readonly benchmark: Benchmark;
  /** Our compiled step beside PyTorch's, from the same weights and images; why it could not be compared; null where PyTorch is not installed. */
  readonly pytorch: TrainStepReport | { readonly failure: string } | null;
}

interface GpuOptions {
  readonly workload: Workload;
  readonly batchSize: number | undefined;
  readonly seconds: number;
  /** With XLA too. */
  readonly xla: boolean;
  /** A Python with PyTorch, or null. */
  readonly python: string | null;
  readonly report: (text: string) => void;
}

/** Of the two parts, in seconds: less than ten minutes together. */
const limits = { recipe: 400, pytorch: 180 };

/** The recipe on the GPU, or the CPU where there is none. */
export async function gpuReport({
  workload,
  batchSize,
  seconds,
  xla,
  python,
  report,
}: GpuOptions): Promise<GpuReport> {
  const before = await provenance('gpu');
  const { network: model, imageSize, numClasses } = workload;
  const measured = await benchmark({
    ...{ model, imageSize, numClasses, seconds, limitSeconds: limits.recipe },
    ...(batchSize && { batchSize }),
    ...(!xla && { xla: [false] }),
    onProgress: (what) => report(`measuring: ${what}`),
  });
  if (python === null) return { ...before, benchmark: measured, pytorch: null };
  report('measuring: PyTorch');
  return { ...before, benchmark: measured, pytorch: await againstPyTorch(workload, python) };
}

/** `bench train-step`, whose losses of three steps, which the gradients of two have moved, must agree; PyTorch computes on the GPU where it sees one. */
async function againstPyTorch(
  { network }: Workload,
  python: string,
): Promise<NonNullable<GpuReport['pytorch']>> {
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  const what = ['--networks', network, '--contestants', 'graph,pytorch-channels-last'];
  const args = [program, 'train-step', ...what, '--rounds', '1', '--json'];
  process.env.BENCH_DEVICE = 'cuda';
  process.env.BENCH_PYTHON = python;
  try {
    const limit = AbortSignal.timeout(1000 * limits.pytorch);
    return await runChild<TrainStepReport>({ file: process.execPath, args }, limit);
  } catch (error) {
    const { message, name } = error as Error;
    return { failure: name === 'AbortError' ? `not done in ${limits.pytorch} s` : message };
  }
}

/** The report for a reader, and for an issue. */
export function formatGpu({ benchmark: measured, pytorch, ...before }: GpuReport): string {
  const beside =
    pytorch === null
      ? 'Not compared with PyTorch: it is not installed (BENCH_PYTHON names a Python that has it), or was not asked.'
      : 'failure' in pytorch
        ? `Not compared with PyTorch: ${pytorch.failure}`
        : formatTrainStep(pytorch);
  return [describeProvenance(before), formatBenchmark(measured), withoutTraces(beside)].join(
    '\n\n',
  );
}
