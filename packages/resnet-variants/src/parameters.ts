import type { Architecture, ConvNorm } from './architecture.ts';
import type { ResNetConfig } from './config.ts';

export type ParameterKind =
  | 'kernel'
  | 'dense'
  | 'bias'
  | 'gamma'
  | 'zeroGamma'
  | 'beta'
  | 'runningMean'
  | 'runningVariance';

/** One named tensor of a network, in TensorFlow.js's layout: kernels HWIO, the dense layer [in, out]. */
export interface ParameterSpec {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly shape: readonly number[];
}

function convNormParameters(layer: ConvNorm): ParameterSpec[] {
  const { conv, norm, kernelSize, inputChannels, outputChannels, zeroGamma } = layer;
  const kernel = [kernelSize, kernelSize, inputChannels, outputChannels];
  const channels = [outputChannels];
  return [
    { name: `${conv}.weight`, kind: 'kernel', shape: kernel },
    { name: `${norm}.weight`, kind: zeroGamma ? 'zeroGamma' : 'gamma', shape: channels },
    { name: `${norm}.bias`, kind: 'beta', shape: channels },
    { name: `${norm}.running_mean`, kind: 'runningMean', shape: channels },
    { name: `${norm}.running_var`, kind: 'runningVariance', shape: channels },
  ];
}

/** Every convolution of a network with its batch norm, in timm's order. */
export function convNormsOf({ stem, blocks }: Architecture): ConvNorm[] {
  return [
    ...stem,
    ...blocks.flatMap(({ branch, shortcut }) => (shortcut ? [...branch, shortcut.layer] : branch)),
  ];
}

/** Every parameter and buffer of a network, in the order of timm's `state_dict()`. */
export function parameterSpecs(
  architecture: Architecture,
  { numClasses }: ResNetConfig,
): ParameterSpec[] {
  return [
    ...convNormsOf(architecture).flatMap(convNormParameters),
    {
      name: 'fc.weight',
      kind: 'dense',
      shape: [architecture.features, numClasses],
    },
    { name: 'fc.bias', kind: 'bias', shape: [numClasses] },
  ];
}

/** Buffers are the running statistics: saved with the model, never trained. */
export function isBuffer({ kind }: ParameterSpec): boolean {
  return kind === 'runningMean' || kind === 'runningVariance';
}
