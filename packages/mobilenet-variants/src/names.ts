import type { MobileNetOptions } from './config.ts';
import { type MobileNet, mobileNet } from './model.ts';

/** What a name says about its network. */
type Named = Pick<
  MobileNetOptions,
  'family' | 'width' | 'depth' | 'fixEnds' | 'head' | 'activation' | 'padding' | 'epsilon'
>;

/** Everything but what a name already says. */
export type NamedMobileNetOptions = Omit<MobileNetOptions, keyof Named>;

const LITE: readonly (readonly [width: number, depth: number])[] = [
  [1, 1],
  [1, 1.1],
  [1.1, 1.2],
  [1.2, 1.4],
  [1.4, 1.8],
];

const lite = ([width, depth]: readonly [number, number]): Named => ({
  family: 'efficientnet_lite',
  width,
  depth,
});

/** timm's names, and gluon-cv's of MobileNetV1, which has a plain ReLU there: the paper's own. */
const NETWORKS: Readonly<Record<string, Named>> = {
  mobilenetv1_100: { family: 'mobilenetv1' },
  mobilenetv1_100h: { family: 'mobilenetv1', head: true },
  mobilenetv1_125: { family: 'mobilenetv1', width: 1.25 },
  'mobilenet1.0': { family: 'mobilenetv1', activation: 'relu' },
  'mobilenet0.75': { family: 'mobilenetv1', activation: 'relu', width: 0.75 },
  'mobilenet0.5': { family: 'mobilenetv1', activation: 'relu', width: 0.5 },
  'mobilenet0.25': { family: 'mobilenetv1', activation: 'relu', width: 0.25 },
  mobilenetv2_035: { family: 'mobilenetv2', width: 0.35 },
  mobilenetv2_050: { family: 'mobilenetv2', width: 0.5 },
  mobilenetv2_075: { family: 'mobilenetv2', width: 0.75 },
  mobilenetv2_100: { family: 'mobilenetv2' },
  mobilenetv2_110d: { family: 'mobilenetv2', width: 1.1, depth: 1.2, fixEnds: true },
  mobilenetv2_120d: { family: 'mobilenetv2', width: 1.2, depth: 1.4, fixEnds: true },
  mobilenetv2_140: { family: 'mobilenetv2', width: 1.4 },
  ...Object.fromEntries(LITE.map((size, index) => [`efficientnet_lite${index}`, lite(size)])),
  ...Object.fromEntries(
    LITE.map((size, index) => [
      `tf_efficientnet_lite${index}`,
      { ...lite(size), padding: 'same', epsilon: 1e-3 } as const,
    ]),
  ),
};

/** Every name that `createModel` knows: `mobilenetv1_100`, `mobilenetv2_100`, `efficientnet_lite0`, `tf_efficientnet_lite0`, ... */
export function modelNames(): string[] {
  return Object.keys(NETWORKS);
}

/** The options that a name stands for, as `mobileNet` and the counts take them. @throws RangeError if the name is unknown. */
export function optionsOf(name: string): MobileNetOptions {
  if (!Object.hasOwn(NETWORKS, name)) {
    throw new RangeError(
      `createModel: expected a name such as mobilenetv2_100 or tf_efficientnet_lite0, got ${JSON.stringify(name)}. modelNames() lists all.`,
    );
  }
  return NETWORKS[name]!;
}

/**
 * Builds a network from its name in timm, or a MobileNetV1 from gluon-cv's.
 *
 * The paper's MobileNet is gluon-cv's `mobilenet1.0`; timm's `mobilenetv1_100` has ReLU6 instead of ReLU, as the reference code.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createModel } from '@bag-of-tricks/mobilenet-variants';
 *
 * const model = createModel('mobilenetv2_100', { numClasses: 10 });
 * ```
 * @throws RangeError if the name is unknown.
 */
export function createModel(name: string, options: NamedMobileNetOptions = {}): MobileNet {
  return mobileNet({ name, ...options, ...optionsOf(name) });
}
