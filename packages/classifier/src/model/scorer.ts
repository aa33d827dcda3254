import type { GraphModel } from '@tensorflow/tfjs-converter';
import { getBackend, type Tensor, type Tensor2D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { loadOptional } from '../load-optional.ts';

/** The node of each output of the graph, by what it makes. */
export interface OutputNodes {
  readonly probabilities: string;
  /** What the last layer decides by; there is none in a network that ends in something else than a dense layer. */
  readonly features?: string;
}

export type Output = keyof OutputNodes;

/** Runs the network on inputs of one size. */
export interface Scorer {
  /** An output of `rows` inputs, one after the other. @throws Error - when the backend cannot. */
  run(images: Float32Array, rows: number, output: Output): Promise<Float32Array>;
  dispose(): void;
}

interface ScorerOptions {
  readonly nodes: OutputNodes;
  /** Of one input. */
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly compile: boolean;
}

/** A scorer that owns the graph: one native graph where TensorFlow's own library is the backend and `@bag-of-tricks/graph` is installed, else op by op. */
export async function openScorer(graph: GraphModel, options: ScorerOptions): Promise<Scorer> {
  const native =
    options.compile && getBackend() === 'tensorflow'
      ? await nativeScorer(graph, options).catch(withoutGraph)
      : null;
  return native ?? eagerScorer(graph, options);
}

/** Says what is wrong, unless the package is not installed. */
function withoutGraph(error: unknown): null {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND') {
    console.warn(
      `loadClassifier: the network runs op by op, which is slower, because @bag-of-tricks/graph could not compile it: ${message}`,
    );
  }
  return null;
}

const eagerScorer = (graph: GraphModel, { nodes, inputShape }: ScorerOptions): Scorer => ({
  async run(images, rows, output) {
    const result = execute(() => {
      const batch = tensor4d(images, [rows, ...inputShape]);
      return graph.execute(batch, nodes[output]!) as Tensor;
    });
    try {
      return await result.data<'float32'>();
    } finally {
      result.dispose();
    }
  },
  dispose: () => graph.dispose(),
});

function execute(action: () => Tensor): Tensor {
  try {
    return tidy(action);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `classify: expected the backend ${getBackend()} to run the graph, got: ${reason}. Set another backend, or export the model again`,
      { cause },
    );
  }
}

/** One native graph, with the weights as constants, serves all batch sizes. It is traced once for each, so it gets batches in powers of two; at most half of the inputs, for parts that run side by side share the cores better than the ops of one do: twenty inputs as two of eight and one of four. */
async function nativeScorer(
  graph: GraphModel,
  { nodes, inputShape }: ScorerOptions,
): Promise<Scorer> {
  const { compile } = (await loadOptional(
    '@bag-of-tricks/graph',
  )) as typeof import('@bag-of-tricks/graph');
  const names = Object.keys(nodes) as Output[];
  const compiled = await compile(
    ({ images }) => {
      const outputs = graph.execute(images, Object.values(nodes)) as Tensor[];
      return Object.fromEntries(names.map((name, i) => [name, outputs[i]!])) as Record<
        Output,
        Tensor2D
      >;
    },
    {
      inputs: { images: { shape: [null, ...inputShape] } },
      maxConstantBytes: Number.POSITIVE_INFINITY,
    },
  );
  await compiled.prepare({ images: [1, ...inputShape] });
  return {
    async run(images, rows, output) {
      const each = images.length / rows;
      const runs: ReturnType<typeof compiled.run>[] = [];
      for (let from = 0, count = 0; from < rows; from += count) {
        const most = Math.min(Math.ceil(rows / 2), rows - from);
        count = 2 ** Math.floor(Math.log2(most));
        const values = images.subarray(from * each, (from + count) * each);
        runs.push(compiled.run({ images: { values, shape: [count, ...inputShape] } }));
      }
      const results = await Promise.all(runs);
      return joined(results.map((result) => result[output].values as Float32Array));
    },
    dispose() {
      void compiled.dispose();
      graph.dispose();
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let to = 0;
  for (const part of parts) {
    all.set(part, to);
    to += part.length;
  }
  return all;
}
