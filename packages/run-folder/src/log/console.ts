import type { Column } from './columns.ts';
import type { BatchLog, EpochLog, Evaluation, TrainBeginLog, TrainHooks } from './hooks.ts';
import { printable } from './printable.ts';

/** How many unusable images the console names; the run folder lists them all. */
const namedBadImages = 20;

/** The longest silence between two lines of steps or of an evaluation, in milliseconds. */
const silence = 10_000;

/** Seconds as `1:02:03`. */
export function formatDuration(seconds: number): string {
  const total = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** A number of things in words: `1 step`, `2 steps`. */
export const counted = (count: number, thing: string) =>
  `${count} ${count === 1 ? thing : `${thing}s`}`;

/** Options of `consoleLog`. */
export interface ConsoleLogOptions {
  readonly logInterval: number;
  /** Columns of the terminal now: lines that come again and again are shorter where they would wrap. Default: undefined, any length. */
  readonly columns?: () => number | undefined;
  /** The time in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** A part of a line with the space before it; of those that do not fit, the ones with the greatest rank are left out. */
type Field = readonly [rank: number, text: string];

/** The line of as many fields as the terminal has columns for, cut where not even the first has room. */
function fitted(fields: readonly Field[], columns = Number.POSITIVE_INFINITY): string {
  const line = fields.map(([, text]) => text).join('');
  if (line.length <= columns) return line;
  const last = Math.max(...fields.map(([rank]) => rank));
  const fewer = fields.filter(([rank]) => rank < last);
  return fewer.length > 0 ? fitted(fewer, columns) : `${line.slice(0, columns - 1)}…`;
}

/** Means over the steps that this process has taken. */
interface StepMeans {
  readonly seconds: number;
  readonly dataSeconds: number;
  readonly imagesPerSecond: number;
}

function trainFields(log: BatchLog, mean: StepMeans, columns: readonly Column[]): Field[] {
  const at = String(log.stepInEpoch + 1).padStart(String(log.stepsPerEpoch).length);
  const percent = Math.round((100 * (log.stepInEpoch + 1)) / log.stepsPerEpoch);
  const speed = `${log.seconds.toFixed(3)}s, ${(log.batchSize / log.seconds).toFixed(1)}/s`;
  return [
    [0, `Train: ${log.epoch} [${at}/${log.stepsPerEpoch} (${String(percent).padStart(3)}%)]`],
    [1, `  Loss: ${log.loss.toPrecision(4)}`],
    [3, ` (${log.meanLoss.toPrecision(4)})`],
    [5, `  Time: ${speed}`],
    [6, `  (${mean.seconds.toFixed(3)}s, ${mean.imagesPerSecond.toFixed(1)}/s)`],
    [4, `  LR: ${log.learningRate.toExponential(3)}`],
    ...columns.map(({ console, value }): Field => [8, `  ${console}: ${shown(log.values[value])}`]),
    [7, `  Data: ${log.dataSeconds.toFixed(3)} (${mean.dataSeconds.toFixed(3)})`],
    [2, `  ETA: ${formatDuration((log.totalSteps - log.step) * mean.seconds)}`],
  ];
}

/** Scores of an evaluation under `title`, with those of the training. */
function testFields(title: string, { loss, top1, top5 }: Evaluation, log: EpochLog): Field[] {
  return [
    [0, title],
    [4, `  Loss: ${loss.toFixed(4)}`],
    [5, ` (train ${log.trainLoss.toFixed(4)})`],
    [1, `  Acc@1: ${top1.toFixed(2)}`],
    [3, ` (train ${log.trainTop1.toFixed(2)})`],
    ...(top5 === null ? [] : [[2, `  Acc@5: ${top5.toFixed(2)}`] as const]),
  ];
}

/**
 * Lines in timm's format, which people grep: the current value and, in brackets, the mean.
 * A line every `logInterval` steps, at the first and at the last of an epoch, and where ten seconds have passed without one, in an
 * evaluation too.
 *
 * @example
 * ```ts
 * import { consoleLog, train } from '@bag-of-tricks/trainer';
 *
 * await train(
 *   {
 *     model: 'resnet20d',
 *     dataset: 'synthetic',
 *     synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *     epochs: 6,
 *     batchSize: 16,
 *   },
 *   { hooks: [consoleLog(console.log, { logInterval: 1 })] },
 * );
 * ```
 */
export function consoleLog(
  output: (line: string) => void,
  {
    logInterval,
    columns: width = () => undefined,
    now = () => performance.now(),
  }: ConsoleLogOptions,
): TrainHooks {
  let printed = now();
  const isOverdue = () => now() - printed >= silence;
  const print = (line: string) => {
    printed = now();
    output(printable(line));
  };
  const printFields = (fields: readonly Field[]) => print(fitted(fields, width()));
  let seconds = 0;
  let dataSeconds = 0;
  let images = 0;
  let steps = 0;
  let badImages = 0;
  let columns: readonly Column[] = [];
  return {
    name: 'console',
    onTrainBegin(log) {
      columns = log.columns.filter((column) => column.console);
      headLines(log).forEach(print);
    },
    onBatchEnd(log) {
      seconds += log.seconds;
      dataSeconds += log.dataSeconds;
      images += log.batchSize;
      steps += 1;
      log.notes.forEach(print);
      const isLast = log.stepInEpoch === log.stepsPerEpoch - 1;
      const isDue = steps === 1 || log.stepInEpoch % logInterval === 0 || isLast;
      if (!isDue && !isOverdue()) return;
      const imagesPerSecond = images / seconds;
      const mean = { seconds: seconds / steps, dataSeconds: dataSeconds / steps, imagesPerSecond };
      printFields(trainFields(log, mean, columns));
    },
    onEvaluateBatchEnd({ done, total }) {
      if (done < total && isOverdue())
        print(`Test: [${done}/${total} (${Math.floor((100 * done) / total)}%)]`);
    },
    onBadImage({ image, reason }) {
      badImages += 1;
      if (badImages <= namedBadImages) print(`Skipped: ${image}: ${reason}`);
      if (badImages === namedBadImages) print('Further images that are skipped are not printed');
    },
    onEpochEnd(log) {
      const { epoch, evaluation, isBest, best } = log;
      printFields([
        [0, `Epoch: ${epoch}`],
        [1, `  Time: ${formatDuration(log.seconds)}, ${log.imagesPerSecond.toFixed(1)}/s`],
        [2, `  Data: ${formatShare(log.dataSeconds, log.seconds)} of the time`],
      ]);
      if (!evaluation) return;
      printFields(testFields(`Test: ${epoch}`, evaluation, log));
      print(formatAccuracy(evaluation));
      for (const [name, other] of Object.entries(log.others)) {
        printFields([
          [0, `Test (${name}): ${epoch}`],
          [2, `  Loss: ${other.loss.toFixed(4)}`],
          [1, ` ${formatAccuracy(other)}`],
        ]);
      }
      if (isBest) print(`*** Best metric: ${best!.top1.toFixed(2)} (epoch ${epoch})`);
    },
  };
}

/** What stands at the beginning of a log: where, on what, and what is trained. */
function headLines({ config, environment, ...log }: TrainBeginLog): string[] {
  const { tensorflow, backend, devices, cpu, cores, node } = environment;
  const library = backend === 'tensorflow' ? 'TensorFlow' : 'TensorFlow.js';
  const count = (n: number) => n.toLocaleString('en');
  const { batchSize } = config;
  const { processes = 1 } = log;
  const batch =
    processes > 1 ? `${processes} x ${batchSize} = ${processes * batchSize}` : batchSize;
  return [
    `Run folder: ${log.runFolder}`,
    `${library} ${tensorflow} on ${devices.join(', ')} (${cpu}, ${cores} cores), Node ${node}`,
    `${config.model}: ${count(log.parameters)} parameters; ${config.dataset}: ${count(log.trainSamples)} training and ${count(log.evalSamples)} evaluation images; ${counted(config.epochs, 'epoch')} of ${counted(log.stepsPerEpoch, 'step')} at batch size ${batch}`,
    ...log.notes,
    ...(log.firstStep > 0 ? [`Resumed after step ${log.firstStep}`] : []),
  ];
}

/** A value of a step: whole numbers as they are, others with four digits. */
function shown(value: number | readonly number[] | undefined): string {
  return typeof value === 'number' && !Number.isInteger(value)
    ? value.toPrecision(4)
    : String(value);
}

/** A part of a time in percent, as `1.25 %`. */
export function formatShare(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(2)} %`;
}

/**
 * Accuracy and, in brackets, error, both in percent; of the first class only where `top5` is null.
 *
 * @example
 * ```ts
 * import { formatAccuracy } from '@bag-of-tricks/trainer';
 *
 * console.log(formatAccuracy({ top1: 79.29, top5: 94.63 })); //  * Acc@1 79.290 (20.710) Acc@5 94.630 (5.370)
 * ```
 */
export function formatAccuracy({
  top1,
  top5,
}: {
  readonly top1: number;
  readonly top5: number | null;
}): string {
  const pair = (accuracy: number) => `${accuracy.toFixed(3)} (${(100 - accuracy).toFixed(3)})`;
  return ` * Acc@1 ${pair(top1)}${top5 === null ? '' : ` Acc@5 ${pair(top5)}`}`;
}
