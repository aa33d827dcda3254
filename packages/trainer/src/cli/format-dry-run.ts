import { counted } from '@bag-of-tricks/run-folder';
import type { DryRun } from '../dry-run.ts';

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toPrecision(3)} s`;
  const minutes = Math.round(seconds / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  return `${days > 0 ? `${days} d ` : ''}${hours > 0 || days > 0 ? `${hours} h ` : ''}${minutes % 60} min`;
}

/** The lines of a dry run. */
export function formatDryRun(run: DryRun): string[] {
  const { processes, stepSeconds, steps, evaluations, nonFinite } = run;
  const all = processes > 1 ? ` of ${processes} processes` : '';
  return [
    `Memory: ${mebibytes(run.peakMemory)} at most so far${all && `, the largest${all}`}`,
    `Weights: ${mebibytes(run.weights)}, optimiser: ${mebibytes(run.optimizer)}, a checkpoint: ${mebibytes(run.checkpoint)}, written in ${duration(run.checkpointSeconds)}`,
    `Disk: ${mebibytes(run.free)} free, of which the run's checkpoints take ${mebibytes(run.kept)}`,
    `First step, which traces the graph: ${duration(run.firstStepSeconds)}`,
    `A step${all}: ${duration(stepSeconds)}, ${run.imagesPerSecond.toFixed(1)} img/s`,
    `A batch of evaluation: ${duration(run.evaluationBatchSeconds)}`,
    `The whole run${all}, ${counted(steps, 'step')} with ${counted(evaluations, 'evaluation')} and its checkpoints: about ${duration(run.totalSeconds)}`,
    ...(nonFinite
      ? [
          `Warning: step ${nonFinite.step}, at a loss of ${nonFinite.loss}, was not finite: the run would diverge. Lower the learning rate (--lr-base)`,
        ]
      : []),
    ...(run.kept > run.free
      ? [
          'Warning: the disk has no room for the checkpoints. Free some space, or give another --output',
        ]
      : []),
    'Nothing was written',
  ];
}
