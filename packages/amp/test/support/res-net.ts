import * as tf from '@tensorflow/tfjs-core';

export interface ResNetOptions {
  /** Channels of each stage; all but the first halve the resolution. */
  readonly channels: readonly number[];
  /** Blocks of each stage: 1x1, 3x3, 1x1 convolutions with a quarter of the channels, or two 3x3. */
  readonly blocks: number;
  readonly bottleneck: boolean;
  /** A stride of 2 and a maximum pool in the stem, as for ImageNet. */
  readonly pooledStem?: boolean;
  readonly classes: number;
  readonly seed?: number;
}

/**
 * A ResNet-D with every kind of layer that the package resnet-variants has, which a trick may not import: batch norm with
 * running statistics, padded strided convolutions, average-pooled shortcuts, global average pool and classifier.
 */
export function resNet(options: ResNetOptions) {
  const { channels, blocks, bottleneck, pooledStem = false, classes } = options;
  const parameters: tf.Variable[] = [];
  const buffers: tf.Variable[] = [];
  let seed = options.seed ?? 1;

  const variable = (list: tf.Variable[], value: tf.Tensor): tf.Variable => {
    const made = tf.variable(value, list === parameters);
    list.push(made);
    value.dispose();
    return made;
  };

  const batchNorm = (size: number) => {
    const scale = variable(parameters, tf.ones([size]));
    const offset = variable(parameters, tf.zeros([size]));
    const running = [
      variable(buffers, tf.zeros([size])),
      variable(buffers, tf.ones([size])),
    ] as const;
    return (x: tf.Tensor): tf.Tensor4D => {
      const inputs = { x, scale: scale as tf.Tensor, offset: offset as tf.Tensor };
      const [y, ...statistics] = tf
        .engine()
        .runKernel('FusedBatchNormV3', inputs, { epsilon: 1e-5, training: true }) as tf.Tensor[];
      running.forEach((old, i) => {
        old.assign(tf.add(tf.mul(old, 0.9), tf.mul(statistics[i]!, 0.1)));
      });
      return y as tf.Tensor4D;
    };
  };

  const convolution = (size: number, from: number, to: number, stride = 1) => {
    const deviation = Math.sqrt(2 / (size * size * to));
    const weights = tf.randomNormal([size, size, from, to], 0, deviation, 'float32', seed++);
    const weight = variable(parameters, weights) as tf.Tensor4D;
    const normalise = batchNorm(to);
    return (x: tf.Tensor4D): tf.Tensor4D => {
      const padded = stride === 2 && size === 3;
      const input = padded
        ? tf.pad(x, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ])
        : x;
      return normalise(tf.conv2d(input, weight, stride, padded ? 'valid' : 'same'));
    };
  };

  const block = (from: number, to: number, stride: number) => {
    const inner = to / 4;
    const path = bottleneck
      ? [
          convolution(1, from, inner),
          convolution(3, inner, inner, stride),
          convolution(1, inner, to),
        ]
      : [convolution(3, from, to, stride), convolution(3, to, to)];
    const project = from === to ? undefined : convolution(1, from, to);
    return (x: tf.Tensor4D): tf.Tensor4D => {
      let y = x;
      path.forEach((layer, i) => {
        y = i === path.length - 1 ? layer(y) : tf.relu(layer(y));
      });
      const pooled = stride === 2 ? tf.avgPool(x, 2, 2, 'same') : x;
      return tf.relu(tf.add(y, project === undefined ? pooled : project(pooled)));
    };
  };

  const stem = convolution(3, 3, channels[0]!, pooledStem ? 2 : 1);
  const body = channels.flatMap((to, stage) =>
    Array.from({ length: blocks }, (_, i) => {
      const from = i > 0 ? to : channels[Math.max(stage - 1, 0)]!;
      return block(from, to, i === 0 && stage > 0 ? 2 : 1);
    }),
  );
  const width = channels.at(-1)!;
  const weight = variable(parameters, tf.randomNormal([width, classes], 0, 0.1, 'float32', seed++));
  const bias = variable(parameters, tf.zeros([classes]));

  /** The logits, in training mode. */
  const apply = (images: tf.Tensor4D): tf.Tensor2D => {
    let x = tf.relu(stem(images));
    if (pooledStem) x = tf.maxPool(x, 3, 2, 'same');
    for (const layer of body) x = layer(x);
    return tf.add(tf.matMul(tf.mean(x, [1, 2]) as tf.Tensor2D, weight as tf.Tensor2D), bias);
  };
  return { parameters, buffers, apply };
}

/** The mean cross-entropy of logits, in the fused op of the backend. */
export function crossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  const [losses] = tf
    .engine()
    .runKernel('SoftmaxCrossEntropyWithLogits', { logits, labels }) as tf.Tensor[];
  return tf.mean(losses!) as tf.Scalar;
}

/** Plain momentum on float32 variables: what an optimiser does to master weights. */
export function momentum(parameters: readonly tf.Variable[], learningRate: number) {
  const velocities = parameters.map((variable) =>
    tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
  );
  const update = (gradients: tf.NamedTensorMap) => {
    parameters.forEach((parameter, i) => {
      const velocity = velocities[i]!;
      velocity.assign(tf.add(tf.mul(velocity, 0.9), gradients[parameter.name]!));
      parameter.assign(tf.sub(parameter, tf.mul(velocity, learningRate)));
    });
  };
  return { velocities, update };
}
