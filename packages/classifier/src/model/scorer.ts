import type { GraphModel } from '@tensorflow/tfjs-converter';
import { getBackend, type Tensor, type Tensor2D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { loadOptional } from '../load-optional.ts';

/** Runs the network on inputs of one size. */
export interface Scorer {
  /** The probabilities of `rows` inputs, one after the other. @throws Error - when the backend cannot. */
  score(images: Float32Array, rows: number): Promise<Float32Array>;
  dispose(): void;
}

/** Of one input. */
export type InputShape = readonly [height: number, width: number, channels: number];

interface ScorerOptions {
  readonly inputShape: InputShape;
  readonly compile: boolean;
}

/** A scorer that owns the graph: one native graph where TensorFlow's own library is the backend and `@bag-of-tricks/graph` is installed, else op by op. */
export async function openScorer(
  graph: GraphModel,
  { inputShape, compile }: ScorerOptions,
): Promise<Scorer> {
  const native =
    compile && getBackend() === 'tensorflow'
      ? await nativeScorer(graph, inputShape).catch(() => null)
      : null;
  return native ?? eagerScorer(graph, inputShape);
}

const eagerScorer = (graph: GraphModel, inputShape: InputShape): Scorer => ({
  async score(images, rows) {
    const output = run(() => {
      const batch = tensor4d(images, [rows, ...inputShape]);
      return graph.predict(batch) as Tensor;
    });
    try {
      return (await output.data()) as Float32Array;
    } finally {
      output.dispose();
    }
  },
  dispose: () => graph.dispose(),
});

function run(predict: () => Tensor): Tensor {
  try {
    return tidy(predict);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `classify: expected the backend ${getBackend()} to run the graph, got: ${reason}. Set another backend, or export the model again`,
      { cause },
    );
  }
}

/** The weights are constants of the native graph, which all batch sizes share; there are few of these, for rows are filled up to powers of two. */
async function nativeScorer(graph: GraphModel, inputShape: InputShape): Promise<Scorer> {
  const { compile } = (await loadOptional(
    '@bag-of-tricks/graph',
  )) as typeof import('@bag-of-tricks/graph');
  const compiled = await compile(
    ({ images }) => ({ probabilities: graph.predict(images) as Tensor2D }),
    {
      inputs: { images: { shape: [null, ...inputShape] } },
      maxConstantBytes: Number.POSITIVE_INFINITY,
    },
  );
  await compiled.prepare({ images: [1, ...inputShape] });
  return {
    async score(images, rows) {
      const padded = 2 ** Math.ceil(Math.log2(rows));
      const values = new Float32Array((images.length / rows) * padded);
      values.set(images);
      const { probabilities } = await compiled.run({
        images: { values, shape: [padded, ...inputShape] },
      });
      const { length } = probabilities.values;
      return (probabilities.values as Float32Array).subarray(0, (length / padded) * rows);
    },
    dispose() {
      void compiled.dispose();
      graph.dispose();
    },
  };
}
