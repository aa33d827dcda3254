import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import type { Schedule } from '@bag-of-tricks/lr-schedules';
import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import type { ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import { type Backend, openBackend } from './backend.ts';
import {
  loadModel,
  type OpenedCheckpoint,
  openCheckpoint,
  restoreModel,
  restoreOptimizer,
} from './checkpoint/load.ts';
import type { TrainConfig } from './config/schema.ts';
import type { Dataset } from './data/dataset.ts';
import { openDataset, stepsInEpoch } from './data/open.ts';
import { buildModel, buildOptimizer, buildSchedule } from './recipe.ts';
import { compiledRunner } from './step/compiled-runner.ts';
import { eagerRunner } from './step/eager-runner.ts';
import { createEvalStep } from './step/eval-step.ts';
import { type LossScaling, openLossScaling } from './step/loss-scaling.ts';
import { choosePrecision, inPrecision, type Precision } from './step/precision.ts';
import type { StepRunner } from './step/runner.ts';
import { createTrainStep } from './step/train-step.ts';

/** Everything that a run works with, built from its configuration and, when it goes on, from its checkpoint. */
export interface Session {
  /** With the precision that was chosen on this device, so that the run goes on in it on another. */
  readonly config: TrainConfig;
  readonly backend: Backend;
  /** Null for float32. */
  readonly precision: Precision | null;
  readonly dataset: Dataset;
  readonly stepsPerEpoch: number;
  readonly schedule: Schedule;
  readonly model: ResNet;
  readonly optimizer: NesterovSgd;
  readonly lossScaling: LossScaling | null;
  readonly runner: StepRunner;
  dispose(): Promise<void>;
}

type Sight = Pick<Dataset, 'imageShape' | 'classNames'>;

/** Whether two networks are for images of one shape and for the same classes in the same order. */
function seesTheSame(a: Sight, b: Sight): boolean {
  return (
    a.imageShape.join() === b.imageShape.join() &&
    a.classNames.join('\n') === b.classNames.join('\n')
  );
}

/** The teacher of a distillation, checked against what the student sees. */
async function loadTeacher(path: string, dataset: Dataset): Promise<ResNet> {
  const checkpoint = await openCheckpoint(path, 'best');
  const { imageShape, classNames } = checkpoint.state;
  if (!seesTheSame(checkpoint.state, dataset)) {
    throw new Error(
      `teacher ${path}: expected a network for ${dataset.classNames.length} classes of ${dataset.imageShape.join('x')} images (${dataset.name}), ` +
        `got one for ${classNames.length} classes of ${imageShape.join('x')} images (${checkpoint.state.config.dataset}). Train a teacher on the student's dataset`,
    );
  }
  return loadModel(checkpoint);
}

/** A run goes on only with the images that it began with. */
function checkDataset({ folder, state }: OpenedCheckpoint, dataset: Dataset): void {
  const { classNames, imageShape } = state;
  if (seesTheSame(state, dataset)) return;
  throw new Error(
    `${dataset.name}: expected the ${classNames.length} classes of ${imageShape.join('x')} images that ${folder} was trained on, ` +
      `got ${dataset.classNames.length} classes of ${dataset.imageShape.join('x')} images${classNames.length === dataset.classNames.length ? ', of other names or in another order' : ''}. Put the images back, or start a new run`,
  );
}

/** What is told of, and what stops, the long preparations of a session. */
export interface OpenSessionOptions {
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Load the backend and the data, build the network, the optimiser and the step, and restore a checkpoint into them.
 *
 * @throws Error when data, a teacher or the checkpoint is missing or does not fit; the signal's reason when aborted.
 */
export async function openSession(
  requested: TrainConfig,
  checkpoint: OpenedCheckpoint | null,
  { onProgress = () => {}, signal }: OpenSessionOptions = {},
): Promise<Session> {
  const backend = await openBackend(onProgress);
  const precision = choosePrecision(requested.amp);
  const amp = precision && { dtype: precision.dtype, lossScale: precision.lossScale };
  const config = { ...requested, amp };
  const dataset = await openDataset(config, {
    cacheDirectory: cacheRoot(),
    onProgress,
    onWarning: onProgress,
    signal,
  });
  try {
    if (checkpoint) checkDataset(checkpoint, dataset);
    return await buildSession({ config, backend, precision, dataset }, checkpoint);
  } catch (error) {
    await dataset.close();
    throw error;
  }
}

async function buildSession(
  opened: Pick<Session, 'config' | 'backend' | 'precision' | 'dataset'>,
  checkpoint: OpenedCheckpoint | null,
): Promise<Session> {
  const { config, precision, dataset } = opened;
  const stepsPerEpoch = stepsInEpoch(dataset, config);
  const schedule = buildSchedule(config, stepsPerEpoch);
  const numClasses = dataset.classNames.length;
  const teacher = config.distillation
    ? await loadTeacher(config.distillation.teacher, dataset)
    : null;
  const model = buildModel(config, { numClasses, inputChannels: dataset.imageShape[2] });
  const optimizer = buildOptimizer(model, config.optimizer);
  const lossScaling = openLossScaling(precision, checkpoint?.state.lossScale ?? null);
  if (checkpoint) {
    await restoreModel(checkpoint, model);
    await restoreOptimizer(checkpoint, optimizer);
  }
  const parts = {
    trainStep: inPrecision(
      precision,
      createTrainStep({
        model,
        teacher,
        optimizer,
        lossScaling,
        pixels: dataset,
        colorVariation: dataset.colorVariation,
        numClasses,
        config,
      }),
    ),
    evalStep: inPrecision(precision, createEvalStep({ model, pixels: dataset, numClasses })),
    imageShape: dataset.imageShape,
    colorVariation: dataset.colorVariation,
  };
  const runner = config.compile ? await compiledRunner(parts) : eagerRunner(parts);
  return {
    ...opened,
    stepsPerEpoch,
    schedule,
    model,
    optimizer,
    lossScaling,
    runner,
    async dispose() {
      await runner.dispose();
      model.dispose();
      teacher?.dispose();
      optimizer.dispose();
      tf.dispose({ ...lossScaling?.state });
      await dataset.close();
    },
  };
}
