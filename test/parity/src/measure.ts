import { smoothedSoftmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { layoutOf, type StateDict, transpose } from '@bag-of-tricks/network-layers';
import * as tf from '@tensorflow/tfjs';
import type { createModel } from './networks.ts';

/** Tensors in PyTorch's layout. */
export type Tensors = Readonly<Record<string, Float32Array>>;

export interface Measured {
  readonly logits: readonly Float32Array[];
  readonly loss: number;
  readonly gradients: Tensors;
  readonly buffers: Tensors;
  /** Of each of the ten steps, and how they change weights and running statistics. */
  readonly losses: readonly number[];
  readonly weights: Tensors;
  readonly statistics: Tensors;
}

function inTorchLayout(tensors: Readonly<Record<string, tf.Tensor>>): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      transpose(tensor.dataSync(), tensor.shape, layoutOf(tensor.rank).toTorch),
    ]),
  );
}

/** By how much tensors differ from what `state` says. */
function changes(tensors: Readonly<Record<string, tf.Tensor>>, state: StateDict): Tensors {
  const after = inTorchLayout(tensors);
  for (const [name, values] of Object.entries(after)) {
    const before = state[name]!.data;
    for (let i = 0; i < values.length; i++) values[i]! -= before[i]!;
  }
  return after;
}

type Model = ReturnType<typeof createModel>;

function tenSteps(
  { parameters, apply }: Model,
  images: tf.Tensor4D,
  labels: tf.Tensor2D,
  rates: readonly number[],
): number[] {
  const optimizer = nesterovSgd(noBiasDecay(parameters));
  const losses = rates.map((rate) =>
    tf.tidy(() => {
      const loss = () =>
        smoothedSoftmaxCrossEntropy(labels, apply(images, { training: true }), { form: 'paper' });
      return optimizer.minimize(loss, rate).value.dataSync()[0]!;
    }),
  );
  optimizer.dispose();
  return losses;
}

/** What `measure` of reference.py does: logits in evaluation, one step's gradients and statistics, ten steps of the recipe. */
export function measure(
  model: Model,
  state: StateDict,
  evaluated: readonly tf.Tensor4D[],
  trained: tf.Tensor4D,
  rates: readonly number[],
): Measured {
  model.loadStateDict(state);
  let measured: Measured | undefined;
  // tidy would walk through every number of what it returns.
  tf.tidy(() => {
    const outputs = evaluated.map((images) => model.apply(images, { training: false }));
    const classes = outputs[0]!.shape[1];
    const [batch] = trained.shape;
    const numbers = Array.from({ length: batch }, (_, index) => (7 * index + 3) % classes);
    const labels = tf.cast(tf.oneHot(numbers, classes), 'float32') as tf.Tensor2D;
    const { value: loss, grads } = tf.variableGrads(
      () => tf.losses.softmaxCrossEntropy(labels, model.apply(trained, { training: true })),
      Object.values(model.parameters),
    );
    const gradients = Object.fromEntries(
      Object.entries(model.parameters).map(([name, { name: key }]) => [name, grads[key]!]),
    );
    const buffers = inTorchLayout(model.buffers);
    model.loadStateDict(state);
    measured = {
      logits: outputs.map((output) => output.dataSync<'float32'>()),
      loss: loss.dataSync()[0]!,
      gradients: inTorchLayout(gradients),
      buffers,
      losses: tenSteps(model, trained, labels, rates),
      weights: changes(model.parameters, state),
      statistics: changes(model.buffers, state),
    };
  });
  return measured!;
}
