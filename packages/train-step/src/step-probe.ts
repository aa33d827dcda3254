import * as tf from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';
import type { TrickParts } from './parts.ts';
import type { Stages, Wrap } from './stages.ts';

/** What a step begins with and computes; statistics are those of batch norm after the step. */
type StageName =
  | 'weights'
  | 'pixels'
  | 'logits'
  | 'loss'
  | 'gradients'
  | 'gradients after tricks'
  | 'statistics';

/** The numbers of a tensor that a step computed. */
export interface Stage {
  readonly name: StageName;
  /** Elements that are NaN or infinite, of how many. */
  readonly nonFinite: number;
  readonly size: number;
  /** The names of parameters or statistics with such elements, the one nearest to the loss first. */
  readonly layers: readonly string[];
}

/** The first op whose result was not finite. */
export interface FirstOp {
  readonly kernel: string;
  readonly pass: 'forward' | 'backward';
  /** The parameter that was used last, up to this op; null before any was. */
  readonly layer: string | null;
}

/** Where a step leaves the finite numbers, in the order in which it computes. */
export interface Probe {
  readonly loss: number;
  readonly stages: readonly Stage[];
  readonly first: FirstOp | null;
}

/** They hand on what a variable held already, or an op before them computed. */
const handingOn: ReadonlySet<string> = new Set(['Identity', 'ReadVariable', 'ReadVariableOp']);

const isFloat = ({ dtype }: tf.Tensor) => dtype === 'float32';

const nonFiniteIn = (tensor: tf.Tensor): number =>
  tf.tidy(() => tensor.size - tf.sum(tf.cast(tf.isFinite(tensor), 'int32')).dataSync()[0]!);

function stageOf(name: StageName, tensors: Readonly<Record<string, tf.Tensor>>): Stage {
  const counted = Object.entries(tensors)
    .filter(([, tensor]) => isFloat(tensor))
    .map(([layer, tensor]) => ({ layer, size: tensor.size, nonFinite: nonFiniteIn(tensor) }));
  const sum = (of: 'size' | 'nonFinite') => counted.reduce((total, one) => total + one[of], 0);
  const bad = counted.filter(({ nonFinite }) => nonFinite > 0).map(({ layer }) => layer);
  return { name, size: sum('size'), nonFinite: sum('nonFinite'), layers: bad.reverse() };
}

/** Runs `compute` while the result of every op is looked at, and calls `see` with the first that is not finite. */
async function watchOps<Result>(
  layers: ReadonlyMap<object, string>,
  see: (op: Pick<FirstOp, 'kernel' | 'layer'>) => void,
  compute: () => Promise<Result>,
): Promise<Result> {
  const engine = tf.engine();
  const { runKernel } = engine;
  let [looking, found] = [false, false];
  let layer: string | null = null;
  engine.runKernel = ((kernel: string, inputs: tf.NamedTensorMap, attributes) => {
    const outputs = runKernel.call(engine, kernel, inputs, attributes);
    if (looking || found || handingOn.has(kernel)) return outputs;
    for (const input of Object.values(inputs)) layer = layers.get(input?.dataId) ?? layer;
    looking = true;
    found = [outputs]
      .flat()
      .some((output) => isFloat(output as tf.Tensor) && nonFiniteIn(output as tf.Tensor) > 0);
    looking = false;
    if (found) see({ kernel, layer });
    return outputs;
  }) as typeof runKernel;
  try {
    return await compute();
  } finally {
    // The method of the class shows again.
    Reflect.deleteProperty(engine, 'runKernel');
  }
}

/** What looks at the gradients as they come out of the stage. */
const gradientProbe =
  (
    name: StageName,
    { parameters }: Pick<Network, 'parameters'>,
    add: (stage: Stage) => void,
  ): Wrap<Stages['gradients']> =>
  (inner) =>
  (...given) => {
    const result = inner(...given);
    const named = Object.entries(parameters).map(([layer, variable]) => [
      layer,
      result.gradients[variable.name]!,
    ]);
    add(stageOf(name, Object.fromEntries(named)));
    return result;
  };

/** What looks at a step from outside of all tricks. */
function outerProbe(
  { buffers }: Pick<Network, 'buffers'>,
  add: (stage: Stage) => void,
  onBackward: () => void,
): TrickParts {
  return {
    prepare:
      (inner) =>
      (...given) => {
        const example = inner(...given);
        add(stageOf('pixels', { images: example.images }));
        return example;
      },
    loss:
      (inner) =>
      (...given) => {
        const score = inner(...given);
        return () => {
          const scored = score();
          add(stageOf('logits', { logits: scored.logits }));
          add(stageOf('loss', { loss: scored.loss }));
          onBackward();
          return scored;
        };
      },
    step:
      (inner) =>
      (...given) => {
        const metrics = inner(...given);
        add(stageOf('statistics', buffers));
        return metrics;
      },
  };
}

/**
 * What looks at every stage of a step that is taken op by op: `inner` stands before all tricks, `outer` after them. `take` runs the step
 * and returns what it saw.
 *
 * @example
 * ```ts
 * import { createTrainStep, stepProbe } from '@bag-of-tricks/train-step';
 * import { createNetwork, createOptimizer, parseConfig } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const { optimizer: settings } = parseConfig({ dataset: 'synthetic' });
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const optimizer = createOptimizer(network.parameters, settings);
 * const probe = stepProbe(network);
 * const step = createTrainStep({ network, optimizer, numClasses: 4, tricks: [probe.inner, probe.outer] });
 * const images = tf.fill<tf.Rank.R4>([2, 8, 8, 3], Number.NaN);
 * const inputs = { images, labels: tf.tensor1d([0, 1], 'int32'), learningRate: tf.scalar(0.1) };
 * const { stages, first } = await probe.take(async () => step(inputs).loss.dataSync()[0]!);
 * console.log(stages.find(({ nonFinite }) => nonFinite > 0)?.name, first?.kernel); // pixels, and an op
 * ```
 */
export function stepProbe(network: Pick<Network, 'parameters' | 'buffers'>): {
  readonly inner: TrickParts;
  readonly outer: TrickParts;
  take(step: () => Promise<number>): Promise<Probe>;
} {
  const variables = { ...network.parameters, ...network.buffers };
  const stages: Stage[] = [];
  const watch = { pass: 'forward' as FirstOp['pass'], first: null as FirstOp | null };
  const add = (stage: Stage) => void stages.push(stage);
  const onBackward = () => {
    watch.pass = 'backward';
  };
  return {
    inner: { gradients: gradientProbe('gradients', network, add) },
    outer: {
      ...outerProbe(network, add, onBackward),
      gradients: gradientProbe('gradients after tricks', network, add),
    },
    async take(step) {
      add(stageOf('weights', variables));
      const layers = new Map<object, string>();
      for (const [name, { dataId }] of Object.entries(variables)) layers.set(dataId, name);
      const see = (op: Pick<FirstOp, 'kernel' | 'layer'>) => {
        watch.first = { ...op, pass: watch.pass };
      };
      const loss = await watchOps(layers, see, step);
      return { loss, stages, first: watch.first };
    },
  };
}
