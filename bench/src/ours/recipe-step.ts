import { autocast, lossScaleVariables, scaledStep } from '@bag-of-tricks/amp';
import { distillationLoss } from '@bag-of-tricks/distill';
import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { mixup } from '@bag-of-tricks/mixup';
import { type NesterovSgd, nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { createModel, loadStateDict, type ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import type { OursSpec } from '../contestants/step-spec.ts';
import { type FileTensor, readTensors } from '../contestants/tensor-file.ts';

/** What a step takes, as tensors: the same names as the inputs of the graph. */
export type StepInputs = {
  /** float32 [batch, height, width, 3], normalised. */
  readonly images: tf.Tensor4D;
  /** int32 [batch]. */
  readonly labels: tf.Tensor1D;
  readonly learningRate: tf.Scalar;
  /** Share of each image that mixup leaves; used with mixup only. */
  readonly lambda: tf.Scalar;
};

/** A network with its optimiser, its batch, and the step that trains the one on the other. */
export interface RecipeStep {
  readonly model: ResNet;
  readonly optimizer: NesterovSgd;
  readonly images: FileTensor;
  readonly labels: FileTensor;
  readonly step: (inputs: StepInputs) => { readonly loss: tf.Scalar };
}

/** Builds the same training step as `python/train_step.py`, out of the packages of the recipe. */
export async function createRecipeStep(spec: OursSpec): Promise<RecipeStep> {
  const { images, labels, ...rest } = await readTensors(spec.dataFolder);
  const model = createModel(spec.network, { numClasses: spec.numClasses });
  loadStateDict(model, modelWeights(rest));
  const { momentum, weightDecay, numClasses, epsilon } = spec;
  const parameters = spec.noBiasDecay
    ? noBiasDecay(model.parameters, { weightDecay })
    : model.parameters;
  const optimizer = nesterovSgd(parameters, { momentum, weightDecay });
  const trained = Object.values(model.parameters);
  // Its weights are random: what a teacher costs does not depend on them.
  const teacher = spec.teacher === null ? undefined : createModel(spec.teacher, { numClasses });
  const update = createUpdate(spec, trained);
  const step: RecipeStep['step'] = ({ images, labels, learningRate, lambda }) => {
    const run = () => {
      const targets = smoothLabels(labels, { epsilon, numClasses });
      const batch = spec.mixup
        ? mixup(images, targets, { lambda })
        : { inputs: images, labels: targets };
      const teacherLogits = teacher?.apply(batch.inputs, { training: false });
      const loss = () => {
        const logits = model.apply(batch.inputs, { training: true });
        return teacherLogits === undefined
          ? softmaxCrossEntropy(batch.labels, logits)
          : distillationLoss(batch.labels, logits, teacherLogits).loss;
      };
      return update(loss, (gradients) => optimizer.applyGradients(gradients, learningRate));
    };
    return spec.amp === null ? tf.tidy(run) : autocast({ dtype: spec.amp }, run);
  };
  return { model, optimizer, images: images!, labels: labels!, step };
}

type Update = (
  loss: () => tf.Scalar,
  apply: (gradients: tf.NamedTensorMap) => void,
) => { readonly loss: tf.Scalar };

/** Differentiates and applies; float16 with dynamic loss scaling, as it is trained with. */
function createUpdate(spec: OursSpec, parameters: tf.Variable[]): Update {
  if (spec.amp !== 'float16') {
    return (loss, apply) => {
      const { value, grads } = tf.variableGrads(loss, parameters);
      apply(grads);
      return { loss: value };
    };
  }
  const state = lossScaleVariables();
  return (loss, update) => ({ loss: scaledStep({ loss, parameters, update, state }).loss });
}

/** In the file the weights stand under `model/`, in PyTorch's layout. */
function modelWeights(tensors: Readonly<Record<string, FileTensor>>) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name.replace(/^model\//, ''),
      { shape, data: data as Float32Array },
    ]),
  );
}
