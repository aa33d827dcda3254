import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { TrainHooks } from './hooks.ts';

const header =
  'epoch,train_loss,train_top1,eval_loss,eval_top1,eval_top5,lr,epoch_seconds,images_per_second,loss_scale,skipped_steps,data_percent';

/** Writes `summary.csv`, a row an epoch; rows of epochs that a resumed run takes again are dropped first. */
export function csvLog(path: string, { firstEpoch }: { readonly firstEpoch: number }): TrainHooks {
  const rows = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(1) : [];
  const kept = rows.filter((row) => row !== '' && Number.parseInt(row, 10) < firstEpoch);
  writeFileSync(path, `${[header, ...kept].join('\n')}\n`);
  return {
    onEpochEnd(log) {
      const { evaluation } = log;
      const cells = [
        log.epoch,
        log.trainLoss.toFixed(6),
        log.trainTop1.toFixed(3),
        evaluation?.loss.toFixed(6) ?? '',
        evaluation?.top1.toFixed(3) ?? '',
        evaluation?.top5.toFixed(3) ?? '',
        log.learningRate.toExponential(6),
        log.seconds.toFixed(3),
        log.imagesPerSecond.toFixed(1),
        log.lossScale?.scale ?? '',
        log.lossScale?.skippedSteps ?? '',
        ((100 * log.dataSeconds) / log.seconds).toFixed(2),
      ];
      appendFileSync(path, `${cells.join(',')}\n`);
    },
  };
}
