import * as tf from '@tensorflow/tfjs-core';
import type { TaughtClass } from './class-list.ts';
import type { Head } from './train-head.ts';

/** A trained head with the names of its classes. */
export interface Trained {
  readonly names: readonly string[];
  readonly head: Head;
}

/** All that the page was taught. */
export interface Lesson {
  readonly classes: readonly TaughtClass[];
  readonly trained: Trained;
}

/** A type, which unlike an interface is a map of any keys to TensorFlow.js. */
type Metadata = {
  /** What the features come from: others would mean nothing to the head. */
  readonly network: string;
  readonly names: readonly string[];
  readonly classes: readonly { readonly name: string; readonly pictures: number }[];
};

/** In the browser's database, by TensorFlow.js. */
const place = 'indexeddb://train-in-the-browser';

/** Keeps a lesson in this browser, in the place of the one before. */
export async function saveLesson(
  network: string,
  { classes, trained: { names, head } }: Lesson,
): Promise<void> {
  const rows = classes.flatMap(({ features }) => features);
  const features = tf.tidy(() =>
    tf.concat([tf.zeros([0]), ...rows.map((row) => tf.tensor1d(row))]),
  );
  try {
    const { weights, bias } = head;
    const { data, specs } = await tf.io.encodeWeights({ weights, bias, features });
    const userDefinedMetadata: Metadata = {
      ...{ network, names },
      classes: classes.map(({ name, features: { length } }) => ({ name, pictures: length })),
    };
    const [handler] = tf.io.getSaveHandlers(place);
    await handler!.save!({
      ...{ modelTopology: {}, weightSpecs: specs, weightData: data, userDefinedMetadata },
    });
  } finally {
    features.dispose();
  }
}

/** The lesson that was kept; the head's tensors are the caller's. @throws Error when there is none, or it is of another network. */
export async function loadLesson(network: string): Promise<Lesson> {
  if (!(place in (await tf.io.listModels()))) throw new Error('Nothing was saved in this browser.');
  const [handler] = tf.io.getLoadHandlers(place);
  const { weightData, weightSpecs, userDefinedMetadata } = await handler!.load!();
  const saved = userDefinedMetadata as unknown as Metadata;
  if (saved.network !== network) {
    throw new Error(
      'What was saved belongs to another network than the one of this page. Load it where it was saved, or teach this one anew.',
    );
  }
  const tensors = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs!);
  const { weights, bias, features } = tensors as { weights: tf.Tensor2D } & Record<
    string,
    tf.Tensor1D
  >;
  const values = await features!.data<'float32'>();
  features!.dispose();
  const [width] = weights.shape;
  const rows = Array.from({ length: values.length / width }, (_, i) =>
    values.slice(i * width, (i + 1) * width),
  );
  const classes = saved.classes.map(({ name, pictures }) => ({
    ...{ name, features: rows.splice(0, pictures) },
  }));
  return { classes, trained: { names: saved.names, head: { weights, bias: bias! } } };
}
