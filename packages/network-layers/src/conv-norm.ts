import type * as tf from '@tensorflow/tfjs-core';
import { batchNorm } from './batch-norm.ts';
import { convolution, type Padding } from './convolution.ts';
import type { ParameterSpec } from './parameters.ts';
import type { UniformTensor } from './stochastic-depth.ts';

/** A convolution without bias and the batch norm after it. */
export interface ConvNorm {
  /** timm's module names, e.g. `layer1.0.conv1` and `layer1.0.bn1`. */
  readonly conv: string;
  readonly norm: string;
  readonly kernelSize: number;
  readonly stride: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Channels are split into this many groups that do not see each other; as many as channels: depthwise. Default 1. */
  readonly groups?: number;
  readonly zeroGamma?: boolean;
}

/** Variables keyed by timm's names; what TensorFlow.js calls a NamedVariableMap and does not export. */
export type VariableMap = Readonly<Record<string, tf.Variable>>;

/** What may differ from PyTorch's defaults in a convolution and its batch norm. */
export interface ConvNormOptions {
  /** Default `'symmetric'`. */
  readonly padding?: Padding;
  /** Of the batch norm. Default 1e-5. */
  readonly epsilon?: number;
}

/** What one forward pass needs beside its input. */
export interface ForwardContext extends ConvNormOptions {
  readonly parameters: VariableMap;
  readonly buffers: VariableMap;
  readonly training: boolean;
  /** What stochastic depth draws with. */
  readonly random: UniformTensor;
  /** Names of parameters that are not trained. Default: none. */
  readonly frozen?: ReadonlySet<string> | undefined;
}

/** batchNorm(conv(x)), with the variables of that layer's names. Call it inside `tf.tidy`. */
export function convNorm(
  x: tf.Tensor4D,
  { conv, norm, stride, groups }: ConvNorm,
  { parameters, buffers, training, frozen, padding, epsilon }: ForwardContext,
): tf.Tensor4D {
  const isFrozen = frozen?.has(`${norm}.weight`) && frozen.has(`${norm}.bias`);
  const kernel = parameters[`${conv}.weight`] as tf.Variable<tf.Rank.R4>;
  return batchNorm(
    convolution(x, kernel, { stride, groups, padding }),
    {
      gamma: parameters[`${norm}.weight`] as tf.Variable<tf.Rank.R1>,
      beta: parameters[`${norm}.bias`] as tf.Variable<tf.Rank.R1>,
      runningMean: buffers[`${norm}.running_mean`] as tf.Variable<tf.Rank.R1>,
      runningVariance: buffers[`${norm}.running_var`] as tf.Variable<tf.Rank.R1>,
    },
    { training: training && !isFrozen, epsilon },
  );
}

/** The parameters and buffers of one layer, in the order of PyTorch's `state_dict()`. */
export function convNormParameters(layer: ConvNorm): ParameterSpec[] {
  const { conv, norm, kernelSize, inputChannels, outputChannels, groups = 1, zeroGamma } = layer;
  const kernel = [kernelSize, kernelSize, inputChannels / groups, outputChannels];
  const channels = [outputChannels];
  return [
    { name: `${conv}.weight`, kind: 'kernel', shape: kernel, groups },
    { name: `${norm}.weight`, kind: zeroGamma ? 'zeroGamma' : 'gamma', shape: channels },
    { name: `${norm}.bias`, kind: 'beta', shape: channels },
    { name: `${norm}.running_mean`, kind: 'runningMean', shape: channels },
    { name: `${norm}.running_var`, kind: 'runningVariance', shape: channels },
  ];
}
