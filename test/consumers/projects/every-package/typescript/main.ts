// Uses every trick as a user would. Each @ts-expect-error proves that the types have arrived: `any` would allow it.
import { type AdamW, adamw, noBiasDecay as decayGroups } from '@bag-of-tricks/adamw';
import { allFinite, dynamicLossScale, type LossScale } from '@bag-of-tricks/amp';
import { type ClassProbability, loadClassifier } from '@bag-of-tricks/classifier';
import { type DistillationLossOptions, distillationLoss } from '@bag-of-tricks/distill';
import { type Ema, ema } from '@bag-of-tricks/ema';
import { accumulateGradients } from '@bag-of-tricks/gradient-accumulation';
import { clipByGlobalNorm } from '@bag-of-tricks/gradient-clipping';
import { type ImageSource, type PlaceImage, randomResizedCrop } from '@bag-of-tricks/image-data';
import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { cosineDecay, type Schedule, withWarmup } from '@bag-of-tricks/lr-schedules';
import { setLearningRate } from '@bag-of-tricks/lr-schedules/tfjs';
import { mixup } from '@bag-of-tricks/mixup';
import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { loadWeights, type Weights } from '@bag-of-tricks/pretrained';
import { progressiveSize } from '@bag-of-tricks/progressive-resizing';
import { seededRandom } from '@bag-of-tricks/random';
import { type ResNet, resnet50d } from '@bag-of-tricks/resnet-variants';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs-core';

const schedule: Schedule = withWarmup(cosineDecay({ peak: 0.4, steps: 1000 }), { steps: 10 });
// @ts-expect-error There is no option of this name.
cosineDecay({ peek: 0.4, steps: 1000 });

const model: ResNet = resnet50d({ numClasses: 10 });
export const load = (weights: Weights) => loadWeights(model, weights);
// @ts-expect-error The classes are names.
export const loadOthers = (weights: Weights) => loadWeights(model, weights, { classNames: [1] });
const optimizer = nesterovSgd(noBiasDecay(model.parameters), { momentum: 0.9 });
// @ts-expect-error The momentum is a number.
nesterovSgd(noBiasDecay(model.parameters), { momentum: '0.9' });

export function step(images: tf.Tensor4D, classes: tf.Tensor1D, teacher: tf.Tensor2D): number {
  const labels = smoothLabels(classes, { numClasses: 10 });
  // @ts-expect-error The smoothing is called epsilon.
  smoothLabels(classes, { numClasses: 10, smoothing: 0.1 });
  const mixed = mixup(images, labels, { alpha: 0.2, random: seededRandom(1) });
  const lambda: number = mixed.lambda;
  const options: DistillationLossOptions = { temperature: 20 };
  // @ts-expect-error There are two forms, and this is none.
  distillationLoss(labels, teacher, teacher, { form: 'concave' });
  optimizer.minimize(() => {
    const logits = model.apply(mixed.inputs, { training: true });
    const { loss } = distillationLoss(mixed.labels, logits, teacher, options);
    const own = softmaxCrossEntropy(mixed.labels, logits);
    return tf.add<tf.Scalar>(own, loss);
  }, schedule(0));
  return lambda;
}

export const adam: AdamW = adamw(decayGroups(model.parameters, { weightDecay: 0.05 }));
// @ts-expect-error beta1 and beta2, not PyTorch's pair.
adamw(model.parameters, { betas: [0.9, 0.999] });
export const average: Ema = ema(model.parameters, { decay: 0.999, warmup: {} });
// @ts-expect-error There is no such option.
ema(model.parameters, { warmUp: {} });
const accumulated = accumulateGradients({ x: tf.ones([4]) }, { steps: 2 }, ({ x }) => ({
  loss: tf.mean<tf.Scalar>(x),
  gradients: { x },
}));
export const norm: tf.Scalar = clipByGlobalNorm(accumulated.gradients, { maxNorm: 1 }).norm;
// @ts-expect-error The limit has no default.
clipByGlobalNorm(accumulated.gradients, {});
export const size: number = progressiveSize(0, { from: 128, to: 224, epochs: 10 });

export const place: PlaceImage = randomResizedCrop({ size: 224 });
// @ts-expect-error A source has a size.
export const source: ImageSource = { name: 'mine', classNames: ['one'] };

export const lossScale: LossScale = dynamicLossScale();
export const finite: tf.Scalar = allFinite({ weight: tf.scalar(1) });
// @ts-expect-error Gradients are named.
allFinite(tf.scalar(1));
export async function look(folder: string, bytes: Uint8Array): Promise<ClassProbability> {
  // @ts-expect-error The most pixels are a number.
  await loadClassifier(folder, { maxPixels: 'all' });
  const classifier = await loadClassifier(folder);
  // @ts-expect-error A path is no picture.
  await classifier.classify('cat.jpg');
  const [first] = await classifier.classify(bytes, { top: 1 });
  return first!;
}
setLearningRate(tf.train.sgd(0.1), schedule(5));
export const file: Uint8Array = serializeSafetensors([]);
