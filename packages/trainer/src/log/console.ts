import type { Column } from '@bag-of-tricks/train-step';
import type { TrainBeginLog, TrainHooks } from './hooks.ts';

/** How many unusable images the console names; the run folder lists them all. */
const namedBadImages = 20;

/** Seconds as `1:02:03`. */
export function formatDuration(seconds: number): string {
  const total = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/**
 * Lines in timm's format, which people grep: the current value and, in brackets, the mean.
 * A line every `logInterval` steps, at the first and at the last of an epoch.
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
  print: (line: string) => void,
  { logInterval }: { readonly logInterval: number },
): TrainHooks {
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
      if (steps !== 1 && log.stepInEpoch % logInterval !== 0 && !isLast) return;
      const width = String(log.stepsPerEpoch).length;
      const at = String(log.stepInEpoch + 1).padStart(width);
      const percent = String(
        Math.round((100 * (log.stepInEpoch + 1)) / log.stepsPerEpoch),
      ).padStart(3);
      const mean = seconds / steps;
      print(
        `Train: ${log.epoch} [${at}/${log.stepsPerEpoch} (${percent}%)]  Loss: ${log.loss.toPrecision(4)} (${log.meanLoss.toPrecision(4)})  ` +
          `Time: ${log.seconds.toFixed(3)}s, ${(log.batchSize / log.seconds).toFixed(1)}/s  (${mean.toFixed(3)}s, ${(images / seconds).toFixed(1)}/s)  ` +
          `LR: ${log.learningRate.toExponential(3)}  ${columns.map((column) => `${column.console}: ${shown(log.values[column.value])}  `).join('')}Data: ${(log.dataSeconds).toFixed(3)} (${(dataSeconds / steps).toFixed(3)})  ` +
          `ETA: ${formatDuration((log.totalSteps - log.step) * mean)}`,
      );
    },
    onBadImage({ image, reason }) {
      badImages += 1;
      if (badImages <= namedBadImages) print(`Skipped: ${image}: ${reason}`);
      if (badImages === namedBadImages) print('Further images that are skipped are not printed');
    },
    onEpochEnd({ epoch, evaluation, isBest, trainLoss, trainTop1, best, ...log }) {
      print(
        `Epoch: ${epoch}  Time: ${formatDuration(log.seconds)}, ${log.imagesPerSecond.toFixed(1)}/s  Data: ${formatShare(log.dataSeconds, log.seconds)} of the time`,
      );
      if (!evaluation) return;
      const { top1, top5, loss } = evaluation;
      print(
        `Test: ${epoch}  Loss: ${loss.toFixed(4)} (train ${trainLoss.toFixed(4)})  Acc@1: ${top1.toFixed(2)} (train ${trainTop1.toFixed(2)})  Acc@5: ${top5.toFixed(2)}`,
      );
      print(formatAccuracy(evaluation));
      for (const [name, other] of Object.entries(log.others)) {
        print(`Test (${name}): ${epoch}  Loss: ${other.loss.toFixed(4)} ${formatAccuracy(other)}`);
      }
      if (isBest) print(`*** Best metric: ${best!.top1.toFixed(2)} (epoch ${epoch})`);
    },
  };
}

/** What stands at the beginning of a log: where, on what, and what is trained. */
function headLines({ config, environment, ...log }: TrainBeginLog): string[] {
  const { tensorflow, devices, cpu, cores, node } = environment;
  const count = (n: number) => n.toLocaleString('en');
  return [
    `Run folder: ${log.runFolder}`,
    `TensorFlow ${tensorflow} on ${devices.join(', ')} (${cpu}, ${cores} cores), Node ${node}`,
    `${config.model}: ${count(log.parameters)} parameters; ${config.dataset}: ${count(log.trainSamples)} training and ${count(log.evalSamples)} evaluation images; ${config.epochs} epochs of ${log.stepsPerEpoch} steps at batch size ${config.batchSize}`,
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
 * Accuracy and, in brackets, error, both in percent.
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
  readonly top5: number;
}): string {
  const pair = (accuracy: number) => `${accuracy.toFixed(3)} (${(100 - accuracy).toFixed(3)})`;
  return ` * Acc@1 ${pair(top1)} Acc@5 ${pair(top5)}`;
}
