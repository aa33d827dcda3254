import * as tf from '@tensorflow/tfjs-core';
import { type Architecture, architectureOf } from './architecture.ts';
import { type ResNetConfig, type ResNetOptions, resolveConfig } from './config.ts';
import { forward, type VariableMap } from './forward.ts';
import { initialValues } from './init.ts';
import { isBuffer, type ParameterSpec, parameterSpecs } from './parameters.ts';
import { loadStateDict, type StateDict, toStateDict } from './state-dict.ts';
import type { UniformTensor } from './stochastic-depth.ts';

export interface ApplyOptions {
  /** true: batch statistics, and the running ones are updated. false: running statistics. */
  readonly training: boolean;
  /**
   * What stochastic depth draws with: a float32 tensor of the shape, uniform in [0, 1), for each block that may be dropped.
   * Default `tf.randomUniform`.
   */
  readonly random?: UniformTensor;
}

/** A ResNet: its variables under timm's names and a function from images to logits. */
export interface ResNet {
  readonly name: string;
  readonly config: ResNetConfig;
  /** The trainable variables, keyed by timm's names in timm's order; kernels HWIO, the dense layer [in, out]. */
  readonly parameters: VariableMap;
  /** The running means and variances of the batch norms, keyed by timm's names. */
  readonly buffers: VariableMap;
  /** Images [batch, height, width, inputChannels] in float32 to logits [batch, numClasses]. */
  apply(images: tf.Tensor4D, options: ApplyOptions): tf.Tensor2D;
  /** `toStateDict` of this model. */
  toStateDict(): Promise<StateDict>;
  /** `loadStateDict` of this model, with every key needed and none unknown. */
  loadStateDict(dict: StateDict): void;
  /** Frees every variable; the model cannot be used afterwards. */
  dispose(): void;
}

/** TensorFlow.js refuses two variables of one name, and a teacher and a student are often the same network. */
function unusedScope(name: string): string {
  const taken = tf.engine().registeredVariables;
  let copy = 0;
  while (`${name}_${copy}/fc.weight` in taken) copy++;
  return `${name}_${copy}`;
}

function createVariable(spec: ParameterSpec, config: ResNetConfig, scope: string): tf.Variable {
  return tf.tidy(() => {
    const initial = tf.tensor(initialValues(spec, config), [...spec.shape], 'float32');
    return tf.variable(initial, !isBuffer(spec), `${scope}/${spec.name}`);
  });
}

function expectImages(images: tf.Tensor4D, { inputChannels }: ResNetConfig): void {
  if (images.rank !== 4 || images.shape[3] !== inputChannels || images.dtype !== 'float32') {
    throw new TypeError(
      `apply: expected float32 images of shape [batch, height, width, ${inputChannels}], ` +
        `got ${images.dtype} of shape [${images.shape}].`,
    );
  }
  if (images.size === 0) {
    throw new RangeError(`apply: expected at least one pixel, got shape [${images.shape}].`);
  }
}

function createModel(config: ResNetConfig, architecture: Architecture): ResNet {
  const scope = unusedScope(config.name);
  const parameters: Record<string, tf.Variable> = {};
  const buffers: Record<string, tf.Variable> = {};
  for (const spec of parameterSpecs(architecture, config)) {
    (isBuffer(spec) ? buffers : parameters)[spec.name] = createVariable(spec, config, scope);
  }
  const model: ResNet = {
    name: config.name,
    config,
    parameters,
    buffers,
    toStateDict: () => toStateDict(model),
    loadStateDict: (dict) => void loadStateDict(model, dict),
    apply(images, { training, random = (shape) => tf.randomUniform([...shape]) }) {
      expectImages(images, config);
      return tf.tidy(() =>
        forward(images, architecture, { parameters, buffers, training, random }),
      );
    },
    dispose() {
      for (const variable of [...Object.values(parameters), ...Object.values(buffers)])
        variable.dispose();
    },
  };
  return model;
}

/**
 * Builds a ResNet of any depth in one of the four variants of He et al. 2019, section 4.2.
 *
 * | variant | stem | stride-2 bottleneck | projection where the stride is 2 |
 * |---|---|---|---|
 * | a | 7x7 stride 2, max pool | stride in the first 1x1 | 1x1 stride 2 |
 * | b | as a | stride in the 3x3 | as a |
 * | c | 3x3 stride 2, 3x3, 3x3, max pool | as b | as a |
 * | d | as c | as b | 2x2 average pool stride 2, then 1x1 |
 *
 * Basic blocks (18, 34 and the small depths) have no leading 1x1, so a and b are the same network there. The small
 * depths (20 to 110) have a 3x3 stride-1 stem and no max pool, so c equals them too; d has its average-pool projection.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { resnet } from '@bag-of-tricks/resnet-variants';
 *
 * const model = resnet({ depth: 20, variant: 'd', numClasses: 10 });
 * const logits = model.apply(tf.zeros([2, 32, 32, 3]), { training: false }); // [2, 10]
 * ```
 *
 * The paper and reference code differ: the paper's ResNet-50 is variant a, as gluon-cv's `resnet50_v1`; timm's and
 * torchvision's `resnet50` is b, and so is the default here, because the weight names are timm's.
 * @throws RangeError or TypeError if an option is unknown or out of its range.
 */
export function resnet(options: ResNetOptions): ResNet {
  const config = resolveConfig(options);
  return createModel(config, architectureOf(config));
}
