import { join } from 'node:path';
import type { Batch } from '@bag-of-tricks/image-data';
import {
  command,
  type DumpedStep,
  dumpPrefix,
  type Position,
  writeDump,
} from '@bag-of-tricks/run-folder';
import * as tf from '@tensorflow/tfjs-core';
import { saveRun } from '../checkpoint/save.ts';
import { stepsTaken } from '../epoch-steps.ts';
import { DivergenceError, remedy } from '../errors.ts';
import type { StepSettings } from '../step/runner.ts';
import { wasFinite } from './finite-step.ts';
import type { Run } from './open-run.ts';

/** A step that was run: where it stands, what it was given, and the scalars that came out. */
export interface StepTaken extends StepSettings {
  readonly position: Position;
  readonly batch: Batch;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Watches the steps of a run; one that diverges is saved, so that it can be taken again. */
export interface StepWatch {
  /** Throws for a step whose loss, gradients or statistics are not finite, or that `tricks` refuses. */
  check<Result>(step: StepTaken, tricks: () => Result): Promise<Result>;
  /** Evaluates or saves what the last step left; weights or a loss that are not finite end the run as that step would. */
  after<Result>(action: () => Promise<Result>): Promise<Result>;
}

/** The number of a step, as the logs count. */
const numberOf = (run: Run, { position }: StepTaken) => stepsTaken(run, position) + 1;

/** The steps that a run takes from here on, watched. */
export function watchSteps(run: Run, runFolder: string): StepWatch {
  let last: DumpedStep['lastFinite'] = null;
  let taken: StepTaken | null = null;
  return {
    async check(step, tricks) {
      taken = step;
      try {
        requireFinite(run, step, last);
        const result = tricks();
        const { loss, skipped } = step.metrics;
        if (!skipped) last = { step: numberOf(run, step), loss: loss! };
        return result;
      } catch (error) {
        if (!(error instanceof DivergenceError)) throw error;
        throw new DivergenceError(
          `${error.message}. ${await save(run, runFolder, { step, last, weights: 'before' })}`,
        );
      }
    },
    async after(action) {
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof DivergenceError) || taken === null) throw error;
        const divergence: Divergence = { step: taken, last, weights: 'after' };
        const rate = `The learning rate of step ${numberOf(run, taken)} was ${rounded(taken.learningRate)}${lastFinite(last)}`;
        throw new DivergenceError(
          `${error.message}. ${rate}. ${await save(run, runFolder, divergence)}`,
        );
      }
    },
  };
}

/** For people: 0.0003125 rather than 0.00031250000000000006. */
export const rounded = (value: number) => Number(value.toPrecision(6));

const lastFinite = (last: DumpedStep['lastFinite']) =>
  last ? `; the last finite loss was ${rounded(last.loss)} at step ${last.step}` : '';

/** A step that changed nothing because a gradient overflowed may have any loss: its trick says when there are too many of them. */
function requireFinite(run: Run, step: StepTaken, last: DumpedStep['lastFinite']): void {
  const { loss, skipped } = step.metrics;
  if (skipped || wasFinite(step.metrics)) return;
  const got = Number.isFinite(loss)
    ? `gradients or running statistics that are not, at a loss of ${rounded(loss!)}`
    : `a loss of ${loss}`;
  throw new DivergenceError(
    `step ${numberOf(run, step)}: expected a finite loss, finite gradients and statistics, got ${got}. The learning rate was ${rounded(step.learningRate)}${lastFinite(last)}. ${remedy}`,
  );
}

interface Divergence {
  readonly step: StepTaken;
  readonly last: DumpedStep['lastFinite'];
  /** Which weights there are to save. */
  readonly weights: DumpedStep['weights'];
}

/** Saves the step, and returns what to do with it; what prevents it must not hide that the run diverged. */
async function save(run: Run, runFolder: string, divergence: Divergence): Promise<string> {
  if (run.processes.rank > 0) return 'Rank 0 saves its part of the step';
  const folder = join(runFolder, `${dumpPrefix}${numberOf(run, divergence.step)}`);
  try {
    await dump(run, folder, divergence);
    return `The batch, and the weights ${divergence.weights} it, are in ${folder}: ${command} replay ${folder} takes the step again and says where it leaves the finite numbers`;
  } catch (error) {
    return `The step could not be saved in ${folder}: ${(error as Error).message}`;
  }
}

/** Writes the batch, and weights and states as they are, finite or not: an update may have left the finite numbers a step ago. */
async function dump(run: Run, folder: string, { step, last, weights }: Divergence): Promise<void> {
  const { position, batch, metrics, learningRate, draws } = step;
  const { config, dataset, randomStep, runner } = run;
  const described: DumpedStep = {
    formatVersion: 1,
    step: numberOf(run, step),
    ...{ epoch: position.epoch, stepInEpoch: position.stepInEpoch, seed: config.seed },
    ...{ learningRate, draws, weights, lastFinite: last, loss: String(metrics.loss) },
    imageShape: [...(batch.imageShape ?? dataset.imageShape)],
    trainSize: dataset.trainSize,
    worldSize: dataset.worldSize ?? 1,
    images:
      batch.indices && dataset.describe
        ? Array.from(batch.indices, (i) => dataset.describe!(i))
        : null,
  };
  await writeDump(folder, described, batch);
  await runner.sync();
  // The step raised the counter if it drew anything.
  tf.tidy(() => randomStep.assign(tf.cast(tf.maximum(tf.sub(randomStep, 1), 0), 'int32')));
  const asBefore = { ...run, runner: { ...runner, sync: () => Promise.resolve() } };
  await saveRun(asBefore, folder, position, { checked: false });
}
