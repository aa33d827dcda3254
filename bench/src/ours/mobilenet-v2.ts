import { fromLayersModel, type Network, type StateDict } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import {
  initializers,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

/** Expansion, output channels, blocks and first stride of each stage (Sandler et al. 2018, table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

type Layer = LayersModel['layers'][number];
const apply = (layer: Layer, x: SymbolicTensor) => layer.apply(x) as SymbolicTensor;
const channelsOf = (x: SymbolicTensor) => x.shape.at(-1)!;

interface ConvBn {
  readonly kernel: number;
  readonly outputs: number;
  readonly stride?: number;
  readonly depthwise?: boolean;
  /** Whether it is the last of a residual branch, which begins with a gamma of 0 as in the recipe (see prepare.ts). */
  readonly endsBranch?: boolean;
}

/** Convolution, batch norm and, where `relu` is named, relu6: under torchvision's names, with its epsilon, momentum and padding. */
function convBn(
  x: SymbolicTensor,
  [conv, norm, relu]: readonly [string, string, string?],
  { kernel, outputs, stride = 1, depthwise = false, endsBranch = false }: ConvBn,
): SymbolicTensor {
  const isPadded = stride > 1;
  const options = {
    name: conv,
    kernelSize: kernel,
    strides: stride,
    useBias: false,
    padding: isPadded ? ('valid' as const) : ('same' as const),
  };
  const initializer = initializers.heNormal({ seed: outputs });
  // PyTorch pads on all sides, where 'same' pads at the end.
  const padded = isPadded ? apply(layers.zeroPadding2d({ name: `${conv}.pad`, padding: 1 }), x) : x;
  const convolution = depthwise
    ? layers.depthwiseConv2d({ ...options, depthwiseInitializer: initializer })
    : layers.conv2d({ ...options, filters: outputs, kernelInitializer: initializer });
  const y = apply(convolution, padded);
  const normalized = apply(
    layers.batchNormalization({
      name: norm,
      epsilon: 1e-5,
      momentum: 0.9,
      gammaInitializer: endsBranch ? 'zeros' : 'ones',
    }),
    y,
  );
  return relu === undefined
    ? normalized
    : apply(layers.reLU({ name: relu, maxValue: 6 }), normalized);
}

function invertedResidual(
  x: SymbolicTensor,
  name: string,
  {
    expansion,
    outputs,
    stride,
  }: { readonly expansion: number; readonly outputs: number; readonly stride: number },
): SymbolicTensor {
  const inputs = channelsOf(x);
  const width = inputs * expansion;
  const at = (index: number) =>
    [0, 1, 2].map((part) => `${name}.conv.${index}.${part}`) as [string, string, string];
  let y = expansion === 1 ? x : convBn(x, at(0), { kernel: 1, outputs: width });
  const depth = expansion === 1 ? 0 : 1;
  y = convBn(y, at(depth), { kernel: 3, outputs: width, stride, depthwise: true });
  const isResidual = stride === 1 && inputs === outputs;
  const last = [`${name}.conv.${depth + 1}`, `${name}.conv.${depth + 2}`] as const;
  y = convBn(y, last, { kernel: 1, outputs, endsBranch: isResidual });
  if (!isResidual) return y;
  return layers.add({ name: `${name}.sum` }).apply([x, y]) as SymbolicTensor;
}

/** MobileNetV2 as a stranger writes it, in nothing but tf.layers. Without dropout, whose draws no two libraries share. */
export function buildMobileNetV2(imageSize: number, numClasses: number): LayersModel {
  const images = layers.input({ shape: [imageSize, imageSize, 3] });
  const at = (index: number) =>
    [0, 1, 2].map((part) => `features.${index}.${part}`) as [string, string, string];
  let x = convBn(images, at(0), { kernel: 3, outputs: 32, stride: 2 });
  let index = 1;
  for (const [expansion, outputs, blocks, firstStride] of STAGES) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? firstStride : 1;
      x = invertedResidual(x, `features.${index++}`, { expansion, outputs, stride });
    }
  }
  x = convBn(x, at(index), { kernel: 1, outputs: 1280 });
  x = apply(layers.globalAveragePooling2d({ name: 'pool' }), x);
  const kernelInitializer = initializers.heNormal({ seed: 1 });
  const outputs = apply(
    layers.dense({ name: 'classifier.1', units: numClasses, kernelInitializer }),
    x,
  );
  return model({ inputs: images, outputs, name: 'mobilenetv2-layers' });
}

/** PyTorch's name of a weight of tf.layers, and the axes of PyTorch's layout in it. */
const PYTORCH: Readonly<Record<string, readonly [name: string, axes?: readonly number[]]>> = {
  kernel: ['weight', [3, 2, 0, 1]],
  depthwise_kernel: ['weight', [2, 3, 0, 1]],
  gamma: ['weight'],
  beta: ['bias'],
  bias: ['bias'],
  moving_mean: ['running_mean'],
  moving_variance: ['running_var'],
};

function toPyTorch(name: string, value: tf.Tensor) {
  const [layer, kind] = name.split('/') as [string, string];
  const [renamed, axes] = PYTORCH[kind]!;
  const layout = axes && (value.rank === 2 ? [1, 0] : [...axes]);
  return { name: `${layer}.${renamed}`, layout };
}

/** The network of `buildMobileNetV2`, whose state dict is that of torchvision's `mobilenet_v2`. */
export function mobileNetV2(imageSize: number, numClasses: number): Network {
  const network = fromLayersModel(buildMobileNetV2(imageSize, numClasses));
  const variables = Object.entries({ ...network.parameters, ...network.buffers });
  return {
    ...network,
    async toStateDict() {
      const dict: Record<string, StateDict[string]> = {};
      for (const [key, value] of variables) {
        const { name, layout } = toPyTorch(key, value);
        const tensor = layout === undefined ? tf.clone(value) : tf.transpose(value, layout);
        dict[name] = { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
        tensor.dispose();
      }
      return dict;
    },
    loadStateDict(dict) {
      for (const [key, value] of variables) {
        const { name, layout } = toPyTorch(key, value);
        const { shape, data } = dict[name]!;
        tf.tidy(() => {
          const tensor = tf.tensor(data, [...shape]);
          const back = layout?.map((_, axis) => layout.indexOf(axis));
          value.assign(back === undefined ? tensor : tf.transpose(tensor, back));
        });
      }
    },
  };
}

/** Multiply-adds of one image through the convolutions and the dense layer. */
export function countLayerMultiplyAdds(imageSize: number, numClasses: number): number {
  const built = buildMobileNetV2(imageSize, numClasses);
  const ofLayer = ({ weights, outputShape }: LayersModel['layers'][number]) => {
    const kernel = weights.find(({ shape }) => shape.length > 1);
    if (kernel === undefined) return 0;
    const [, height, width] = outputShape as number[];
    const pixels = kernel.shape.length === 4 ? height! * width! : 1;
    return kernel.shape.reduce((product, size) => product! * size!, pixels)!;
  };
  const sum = built.layers.reduce((total, layer) => total + ofLayer(layer), 0);
  built.dispose();
  return sum;
}
