import {
  canonicalName,
  DEPTHS,
  type Depth,
  type ResNetOptions,
  VARIANTS,
  type Variant,
} from './config.ts';
import { type ResNet, resnet } from './model.ts';

/** Everything but what a name already says. */
export type NamedResNetOptions = Omit<ResNetOptions, 'depth' | 'variant'>;

interface NamedNetwork {
  readonly depth: Depth;
  readonly variant: Variant;
}

function gluonName(depth: Depth, variant: Variant): string {
  const prefix = DEPTHS[depth].images === 'small' ? 'cifar_resnet' : 'resnet';
  return `${prefix}${depth}_v1${variant === 'a' ? '' : variant}`;
}

const NETWORKS: ReadonlyMap<string, NamedNetwork> = new Map(
  Object.keys(DEPTHS)
    .map((depth) => Number(depth) as Depth)
    .flatMap((depth) =>
      VARIANTS.flatMap((variant) =>
        [canonicalName(depth, variant), `resnet${depth}${variant}`, gluonName(depth, variant)].map(
          (name) => [name, { depth, variant }] as const,
        ),
      ),
    ),
);

/** Every name that `createModel` knows: `resnet50`, `resnet50a` to `resnet50d`, gluon-cv's `resnet50_v1` to `_v1d`, ... */
export function modelNames(): string[] {
  return [...NETWORKS.keys()];
}

/**
 * Builds a network from its name in timm or gluon-cv.
 *
 * timm's plain `resnet50` is variant b, gluon-cv's plain `resnet50_v1` is variant a.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createModel } from '@bag-of-tricks/resnet-variants';
 *
 * const model = createModel('resnet20d', { numClasses: 10 });
 * ```
 * @throws RangeError if the name is unknown.
 */
export function createModel(name: string, options: NamedResNetOptions = {}): ResNet {
  const network = NETWORKS.get(name);
  if (!network) {
    throw new RangeError(
      `createModel: expected a name such as resnet50d, resnet20d or cifar_resnet20_v1, got ${JSON.stringify(name)}. modelNames() lists all.`,
    );
  }
  return resnet({ ...options, ...network });
}
