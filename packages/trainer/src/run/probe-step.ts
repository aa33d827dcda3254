import type { Batch } from '@bag-of-tricks/image-data';
import {
  createEvalStep,
  createTrainStep,
  drawShapes,
  type LossFunction,
  type Network,
  type Stages,
  type TrickParts,
  type Wrap,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { eagerRunner, type StepSettings } from '../step/runner.ts';
import { finiteStep } from './finite-step.ts';
import type { Run } from './open-run.ts';

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

type See = (op: Pick<FirstOp, 'kernel' | 'layer'>) => void;

/** Runs `compute` while the result of every op is looked at, and calls `see` with the first that is not finite. */
async function watchOps<Result>(
  layers: ReadonlyMap<object, string>,
  see: See,
  compute: () => Promise<Result>,
): Promise<Result> {
  const engine = tf.engine();
  const { runKernel } = engine;
  let [looking, found] = [false, false];
  let layer: string | null = null;
  engine.runKernel = ((kernel: string, inputs: tf.NamedTensorMap, attributes) => {
    const outputs = runKernel.call(engine, kernel, inputs, attributes);
    if (looking || found) return outputs;
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

/** Takes a step op by op and looks at every stage; weights and states stay as they are where it is not finite. */
export async function probeStep(
  run: Run,
  loss: LossFunction,
  { batch, ...settings }: StepSettings & { readonly batch: Batch },
): Promise<Probe> {
  const { network, optimizer, tricks, dataset, randomStep, config } = run;
  const variables = { ...network.parameters, ...network.buffers };
  const stages: Stage[] = [stageOf('weights', variables)];
  const watch = { pass: 'forward' as FirstOp['pass'], first: null as FirstOp | null };
  const see: See = (op) => {
    watch.first = { ...op, pass: watch.pass };
  };
  const { colorVariation, imageShape } = dataset;
  const parts = { network, numClasses: dataset.classNames.length, pixels: dataset };
  const add = (stage: Stage) => void stages.push(stage);
  const onBackward = () => {
    watch.pass = 'backward';
  };
  const inner = { gradients: gradientProbe('gradients', network, add) };
  const outer = {
    ...outerProbe(network, add, onBackward),
    gradients: gradientProbe('gradients after tricks', network, add),
  };
  const probed = [inner, ...tricks, outer, ...finiteStep(network, tricks)];
  const runner = eagerRunner({
    trainStep: createTrainStep({ ...parts, optimizer, loss, colorVariation, tricks: probed }),
    evalStep: createEvalStep(parts),
    drawShapes: drawShapes(tricks),
    colorColumns: colorVariation?.columns ?? null,
    imageShape,
    random: { seed: config.seed, step: randomStep },
  });
  const layers = new Map<object, string>();
  for (const [name, { dataId }] of Object.entries(variables)) layers.set(dataId, name);
  const metrics = await watchOps(layers, see, () => runner.train(batch, settings));
  return { loss: metrics.loss, stages, first: watch.first };
}
