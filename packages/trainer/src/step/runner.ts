import {
  compile,
  type InputSpecs,
  type Profile,
  type SentInput,
  type SessionOptions,
} from '@bag-of-tricks/graph';
import type { Batch } from '@bag-of-tricks/image-data';
import type { Draws, EvalStep, Metrics, Scores, TrainStep } from '@bag-of-tricks/train-step';
import type * as tf from '@tensorflow/tfjs-core';

/** The numbers of a function's scalars, and the values of its other tensors. */
export type Numbers<Outputs> = {
  readonly [Name in keyof Outputs]: Outputs[Name] extends tf.Tensor2D ? Float32Array : number;
};

/** What changes from step to step besides the batch. */
export interface StepSettings {
  readonly learningRate: number;
  readonly draws: Draws;
}

/** Scores batches of host memory. */
export interface Scorer {
  evaluate(batch: Batch): Promise<Numbers<Scores>>;
  /** Brings the images of a batch that is scored next to the GPU, while another is scored; of a graph there only. */
  sendToEvaluate?(batch: Batch): void;
  dispose(): Promise<void>;
}

/** Runs training and evaluation steps on batches of host memory: eagerly, op by op, or each as one native graph. */
export interface Runner extends Scorer {
  train(batch: Batch, settings: StepSettings): Promise<Numbers<Metrics>>;
  /** Brings the images of a batch that is trained on next to the GPU, while a step runs; of a graph there only. */
  sendToTrain?(batch: Batch): void;
  /** Traces the training step for so many images, before the first one; of a graph only. */
  prepare?(batchSize: number): Promise<void>;
  /** Runs a function that assigns variables, such as the exchange of two sets of weights. */
  assign(change: () => void): Promise<void>;
  /** Brings the TensorFlow.js variables up to date, before they are read or saved. */
  sync(): Promise<void>;
  /** Takes all back that was trained since the variables were last synced; op by op cannot. */
  rewind?(): Promise<void>;
  /** The GraphDefs of both steps for batches of these sizes; of a graph only. */
  graphs?(sizes: {
    readonly batchSize: number;
    readonly evalBatchSize: number;
  }): Promise<StepGraphs>;
  /** Takes one training step and says where its time goes; of a graph only. */
  profile?(batch: Batch, settings: StepSettings): Promise<Profile>;
}

/** TensorFlow's GraphDefs, serialised. */
export interface StepGraphs {
  /** The training step: what the nodes `update` and `outputs/*` need. */
  readonly train: Uint8Array;
  /** The same with the evaluation, whose nodes are those that `train` has not. */
  readonly evaluate: Uint8Array;
}

/** What a runner runs. */
export interface RunnerParts {
  readonly trainStep: TrainStep;
  readonly evalStep: EvalStep;
  /** Shapes of what is drawn for a step, by name. */
  readonly drawShapes: Readonly<Record<string, readonly number[]>>;
  /** Numbers a row of a batch's colours; null where colours do not vary. */
  readonly colorColumns: number | null;
  readonly imageShape: ImageShape;
  /** float32 where batches hold features in place of pixels. Default: uint8. */
  readonly imageType?: 'uint8' | 'float32' | undefined;
  /** Seed and step counter of what is drawn inside of a step, such as dropout. */
  readonly random: { readonly seed: number; readonly step: tf.Variable };
}

/** Any number of images of any size, as bytes, with their classes: a new shape is traced when it first comes. */
export const batchInputs = (channels: number, dtype: 'uint8' | 'float32' = 'uint8') =>
  ({
    images: { shape: [null, null, null, channels], dtype, ahead: true },
    labels: { shape: [null], dtype: 'int32' },
  }) as const;

export type ImageShape = readonly [height: number, width: number, channels: number];

/** A batch whose rows are what a network computed of images: `[rows, 1, 1, features]`, as its `imageShape` says. */
export interface FeatureBatch extends Batch {
  readonly features: Float32Array;
}

/** Pixels or features with their sizes, which the batch names where they are not the dataset's. */
export const imagesOf = (batch: Batch | FeatureBatch, imageShape: ImageShape) => ({
  values: 'features' in batch ? batch.features : batch.images,
  shape: [batch.labels.length, ...(batch.imageShape ?? imageShape)],
});

interface Sending {
  readonly sendsAhead: boolean;
  send(name: 'images', images: ReturnType<typeof imagesOf>): SentInput;
}

/** Images that are on their way to a compiled function, by their batch. */
function sender(step: Sending, imageShape: ImageShape) {
  const sent = new WeakMap<Batch, SentInput>();
  const send = (batch: Batch) => {
    // A dataset of one's own may give the same batch again.
    if (!sent.has(batch)) sent.set(batch, step.send('images', imagesOf(batch, imageShape)));
  };
  return {
    send: step.sendsAhead ? send : undefined,
    imagesFor(batch: Batch) {
      const waiting = sent.get(batch);
      sent.delete(batch);
      return waiting ?? imagesOf(batch, imageShape);
    },
  };
}

/** Scores each batch by one call of a native graph. */
export async function compiledScorer(
  { evalStep, imageShape, imageType }: Pick<RunnerParts, 'evalStep' | 'imageShape' | 'imageType'>,
  options: Pick<Parameters<typeof compile>[1], 'shareStateWith'> = {},
): Promise<Scorer & { trace(batchSize: number): Promise<void> }> {
  const step = await compile(evalStep, {
    inputs: batchInputs(imageShape[2], imageType),
    ...options,
  });
  const { send, imagesFor } = sender(step, imageShape);
  return {
    ...(send && { sendToEvaluate: send }),
    async evaluate(batch) {
      const inputs = { images: imagesFor(batch), labels: batch.labels };
      const { probabilities, ...sums } = await step.run(inputs);
      return { ...sums, probabilities: probabilities.values as Float32Array };
    },
    trace: (batchSize) => step.prepare({ images: [batchSize, ...imageShape], labels: [batchSize] }),
    dispose: () => step.dispose(),
  };
}

/** Runs each step as one call of a native graph on another thread; training and evaluation share its variables. With a cluster, all processes run theirs together. */
export async function compiledRunner(
  parts: RunnerParts,
  session: Pick<SessionOptions, 'cluster' | 'xla'> = {},
): Promise<Runner> {
  const { trainStep, colorColumns, imageShape, imageType, random } = parts;
  const inputs: InputSpecs = {
    ...batchInputs(imageShape[2], imageType),
    ...(colorColumns !== null && { colors: { shape: [null, colorColumns] } }),
    learningRate: { shape: [] },
    ...Object.fromEntries(
      Object.entries(parts.drawShapes).map(([name, shape]) => [name, { shape }]),
    ),
  };
  const options = { inputs, random, session };
  const step = await compile(trainStep as (inputs: object) => tf.NamedTensorMap, options);
  const { trace: traceScorer, ...scorer } = await compiledScorer(parts, {
    shareStateWith: step as never,
  });
  const { send, imagesFor } = sender(step, imageShape);
  const given = (batch: Batch, { learningRate, draws }: StepSettings) => ({
    images: imagesFor(batch),
    labels: batch.labels,
    ...(batch.colors && { colors: batch.colors }),
    learningRate,
    ...draws,
  });
  const shapes = (batchSize: number) => ({
    images: [batchSize, ...imageShape],
    labels: [batchSize],
    colors: [batchSize, colorColumns ?? 0],
    learningRate: [],
    ...parts.drawShapes,
  });
  const changes = new Map<() => void, ReturnType<typeof compileChange>>();
  return {
    ...scorer,
    train: (batch, settings) =>
      step.run(given(batch, settings) as never) as Promise<Numbers<Metrics>>,
    ...(send && { sendToTrain: send }),
    prepare: (batchSize) => step.prepare(shapes(batchSize)),
    async graphs({ batchSize, evalBatchSize }) {
      await step.prepare(shapes(batchSize));
      const train = await step.graphDef();
      await traceScorer(evalBatchSize);
      return { train, evaluate: await step.graphDef() };
    },
    profile: (batch, settings) => step.profile(given(batch, settings) as never),
    async assign(change) {
      if (!changes.has(change)) changes.set(change, compileChange(change, step));
      await (await changes.get(change)!).run({});
    },
    sync: () => step.sync(),
    rewind: () => step.write(),
    async dispose() {
      for (const change of changes.values()) await (await change).dispose();
      await scorer.dispose();
      await step.dispose();
    },
  };
}

const compileChange = (change: () => void, shared: object) =>
  compile(change, { inputs: {}, shareStateWith: shared as never });
