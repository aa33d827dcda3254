import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nvidiaGpus } from '@bag-of-tricks/libtensorflow';
import { stillGoing } from '../run/still-going.ts';
import type { CaseResult, CaseSpec, Precision, Timed } from './case.ts';

/** What is measured, and how long. */
export interface BenchmarkOptions {
  /** Default: `resnet50d`, as in the paper. */
  readonly model?: string;
  /** Default: 224. */
  readonly imageSize?: number;
  /** Default: 1000. */
  readonly numClasses?: number;
  /** Images a step. Default: 64 on a GPU, 8 on a CPU. */
  readonly batchSize?: number;
  /** Default: all three. */
  readonly precisions?: readonly Precision[];
  /** Without XLA, and with it. Default: both. */
  readonly xla?: readonly boolean[];
  /** Timed steps of each, in seconds. Default: 15. */
  readonly seconds?: number;
  /** All together; what does not fit is left out, and said so. Default: 540 seconds. */
  readonly limitSeconds?: number;
  /** Hears what is measured next, and now and then that it goes on: XLA compiles for a minute. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** @internal The script of a case's process. */
  readonly script?: string;
}

/** The recipe in one precision. */
export interface BenchmarkRow {
  readonly precision: Precision;
  readonly xla: boolean;
  /** Null where it failed; `failure` says why. */
  readonly timed: Timed | null;
  readonly imagesPerSecond: number | null;
  /** How far all gradients of a step are from those of a CPU in float32, relative to these (2-norm), and the parameter where they are farthest. */
  readonly gradientError: {
    readonly all: number;
    readonly worst: number;
    readonly of: string;
  } | null;
  readonly failure: string | null;
}

/** What a benchmark saw. */
export interface Benchmark {
  readonly model: string;
  readonly imageSize: number;
  readonly tensorflow: string | null;
  readonly devices: readonly string[];
  /** The cards as the system names them. */
  readonly cards: readonly string[];
  readonly rows: readonly BenchmarkRow[];
}

const ownScript = fileURLToPath(new URL('./child.js', import.meta.url));

interface CaseProcess {
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a case in a process of its own. */
function inProcess(
  spec: CaseSpec,
  { script, env, timeout, signal }: CaseProcess,
): Promise<CaseResult | { readonly failure: string }> {
  return new Promise((resolve) => {
    const child = fork(script, [JSON.stringify(spec)], {
      ...{ env, timeout, silent: true, execArgv: [], serialization: 'advanced' },
      ...(signal && { signal }),
    });
    let result: CaseResult | undefined;
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-20_000);
    });
    child.on('message', (message) => {
      result = message as CaseResult;
    });
    child.on('error', (error) => resolve({ failure: error.message }));
    child.on('close', (code, ended) => {
      const said = errors
        .split('\n')
        .filter((line) => /^\w*Error\b/.test(line))
        .at(-1);
      const how = ended === 'SIGTERM' ? 'not done in time' : `ended with ${ended ?? code}`;
      resolve(result ?? { failure: said ? `${how}: ${said}` : how });
    });
  });
}

/**
 * Trains the paper's recipe for some seconds in each precision, without XLA and with it, each in a process of its own, and compares the gradients of
 * a step with those of this machine's CPU in float32. Images are drawn; nothing is written. For a machine with a GPU; on a CPU it is the same, and slow.
 *
 * @example
 * ```ts
 * import { benchmark, formatBenchmark } from '@bag-of-tricks/trainer';
 *
 * const small = { model: 'resnet20', imageSize: 32, numClasses: 10, seconds: 1 };
 * console.log(formatBenchmark(await benchmark({ ...small, precisions: ['float32'], xla: [false] })));
 * ```
 *
 * @throws the signal's reason when aborted; what fails in a precision stands in its row.
 */
export async function benchmark({
  model = 'resnet50d',
  imageSize = 224,
  numClasses = 1000,
  batchSize,
  precisions = ['float32', 'float16', 'bfloat16'],
  xla = [false, true],
  seconds = 15,
  limitSeconds = 540,
  onProgress = () => {},
  signal,
  script = ownScript,
}: BenchmarkOptions = {}): Promise<Benchmark> {
  const start = performance.now();
  const left = () => Math.max(1, Math.round(1000 * limitSeconds - (performance.now() - start)));
  const spec = { model, imageSize, numClasses, seconds };
  const cards = await nvidiaGpus(process.env);
  const told = (what: string, spec: CaseSpec, env: NodeJS.ProcessEnv) => {
    onProgress(what);
    return stillGoing(what, inProcess(spec, { script, env, timeout: left(), signal }), onProgress);
  };
  const onCpu = { ...process.env, CUDA_VISIBLE_DEVICES: '-1' };
  const reference = await told(
    'gradients of a step on the CPU',
    { ...spec, batchSize: null, precision: 'float32', xla: false },
    onCpu,
  );
  signal?.throwIfAborted();
  const rows: BenchmarkRow[] = [];
  let seen: Pick<CaseResult, 'devices' | 'tensorflow'> | null = null;
  const hasCard = !('reason' in cards);
  for (const withXla of xla) {
    for (const precision of precisions) {
      const images = batchSize ?? (hasCard ? 64 : 8);
      const flags = {
        ...process.env,
        TF_XLA_FLAGS: `${process.env.TF_XLA_FLAGS ?? ''} --tf_xla_cpu_global_jit`,
      };
      const result = await told(
        `${precision}${withXla ? ' with XLA' : ''}`,
        { ...spec, batchSize: images, precision, xla: withXla },
        withXla ? flags : process.env,
      );
      signal?.throwIfAborted();
      if (!('failure' in result)) seen = result;
      rows.push(rowOf({ precision, xla: withXla }, result, reference));
    }
  }
  return {
    ...{ model, imageSize, rows },
    tensorflow: seen?.tensorflow ?? null,
    devices: seen?.devices ?? [],
    cards: hasCard ? cards.map((card) => card.replace(/ \(UUID.*/, '')) : [],
  };
}

function rowOf(
  of: Pick<BenchmarkRow, 'precision' | 'xla'>,
  result: CaseResult | { readonly failure: string },
  reference: CaseResult | { readonly failure: string },
): BenchmarkRow {
  if ('failure' in result) {
    return {
      ...of,
      timed: null,
      imagesPerSecond: null,
      gradientError: null,
      failure: result.failure,
    };
  }
  const { timed } = result;
  return {
    ...of,
    timed,
    imagesPerSecond: timed && (1000 * timed.batchSize) / timed.stepMilliseconds,
    gradientError:
      'failure' in reference ? null : differenceOf(result.gradients, reference.gradients),
    failure: 'failure' in reference ? `no gradients to compare with: ${reference.failure}` : null,
  };
}

/** |a - b| / |b| over all, and of the tensor where that is largest. */
export function differenceOf(
  actual: CaseResult['gradients'],
  expected: CaseResult['gradients'],
): NonNullable<BenchmarkRow['gradientError']> {
  let [squares, norms] = [0, 0];
  let worst = { worst: 0, of: '' };
  for (const [name, values] of Object.entries(expected)) {
    let [square, norm] = [0, 0];
    for (const [i, value] of values.entries()) {
      square += ((actual[name]?.[i] ?? Number.NaN) - value) ** 2;
      norm += value ** 2;
    }
    squares += square;
    norms += norm;
    const own =
      norm === 0 ? (square === 0 ? 0 : Number.POSITIVE_INFINITY) : Math.sqrt(square / norm);
    // Also where it is not a number.
    if (!(own <= worst.worst)) worst = { worst: own, of: name };
  }
  return { all: Math.sqrt(squares / norms), ...worst };
}
