import type { PrecisionProbe } from '@bag-of-tricks/amp';
import type { Environment } from '../run/environment.ts';
import type { TrainHooks } from './hooks.ts';

/** As many images that cannot be used are named on the console; the run folder lists all. */
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
  return {
    onTrainBegin({ config, runFolder, environment, parameters, stepsPerEpoch, firstStep, ...log }) {
      print(`Run folder: ${runFolder}`);
      print(
        `TensorFlow ${environment.tensorflow} on ${environment.devices.join(', ')} (${environment.cpu}, ${environment.cores} cores), Node ${environment.node}`,
      );
      print(
        `${config.model}: ${parameters.toLocaleString('en')} parameters; ${config.dataset}: ${log.trainSamples.toLocaleString('en')} training and ${log.evalSamples.toLocaleString('en')} evaluation images; ${config.epochs} epochs of ${stepsPerEpoch} steps at batch size ${config.batchSize}`,
      );
      if (config.amp) {
        for (const line of formatPrecision(environment.precision, config.amp.lossScale))
          print(line);
      }
      if (firstStep > 0) print(`Resumed after step ${firstStep}`);
    },
    onBatchEnd(log) {
      seconds += log.seconds;
      dataSeconds += log.dataSeconds;
      images += log.batchSize;
      steps += 1;
      if (log.skipped && log.lossScale) {
        const { scale, skippedSteps } = log.lossScale;
        print(
          `Skipped: step ${log.step}, a gradient overflowed. Loss scale from now on: ${scale}; ${skippedSteps} skipped so far`,
        );
      }
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
          `LR: ${log.learningRate.toExponential(3)}  ${log.lossScale ? `Scale: ${log.lossScale.scale}  ` : ''}Data: ${(log.dataSeconds).toFixed(3)} (${(dataSeconds / steps).toFixed(3)})  ` +
          `ETA: ${formatDuration((log.totalSteps - log.step) * mean)}`,
      );
    },
    onBadImage({ image, reason }) {
      badImages += 1;
      if (badImages <= namedBadImages) print(`Skipped: ${image}: ${reason}`);
      if (badImages === namedBadImages) print('Further images that are skipped are not printed');
    },
    onEpochEnd({ epoch, evaluation, isBest, trainLoss, trainTop1, ...log }) {
      print(
        `Epoch: ${epoch}  Time: ${formatDuration(log.seconds)}, ${log.imagesPerSecond.toFixed(1)}/s  Data: ${formatShare(log.dataSeconds, log.seconds)} of the time`,
      );
      if (!evaluation) return;
      const { top1, top5, loss } = evaluation;
      print(
        `Test: ${epoch}  Loss: ${loss.toFixed(4)} (train ${trainLoss.toFixed(4)})  Acc@1: ${top1.toFixed(2)} (train ${trainTop1.toFixed(2)})  Acc@5: ${top5.toFixed(2)}`,
      );
      print(formatAccuracy(evaluation));
      if (isBest) print(`*** Best metric: ${top1.toFixed(2)} (epoch ${epoch})`);
    },
  };
}

/** What a run in mixed precision says of it, with a warning where it is slow. */
export function formatPrecision(
  precision: Environment['precision'],
  lossScale?: 'dynamic' | number | null,
): string[] {
  const scale = lossScale === undefined ? '' : `, loss scale: ${lossScale ?? 'none'}`;
  const line = `mixed precision: ${precision.dtype}${scale}`;
  if (precision.native === 'fast') return [line];
  return [
    `${line}, computed in float32 on operands rounded to it`,
    `Warning: ${reasonToEmulate(precision)}. So it is emulated, exact but slower than float32. --no-amp is faster`,
  ];
}

function reasonToEmulate({ dtype, error, timeOverFloat32 }: PrecisionProbe): string {
  const own = `this device's own convolutions in ${dtype}`;
  if (error === null) return `${own} fail`;
  if (timeOverFloat32 === null) return `${own} have an error of ${error.toPrecision(2)}`;
  return `${own} take ${timeOverFloat32.toPrecision(2)} times as long as in float32`;
}

/** A part of a time in percent, as `1.25 %`. */
export function formatShare(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(2)} %`;
}

/** Accuracy and, in brackets, error, both in percent. */
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
