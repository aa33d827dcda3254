import { canonicalName, DEPTHS, type Depth, type ResNetOptions, type Variant } from './config.ts';
import { type ResNet, resnet } from './model.ts';

/** What a name says. */
type Named = Pick<
  ResNetOptions,
  'depth' | 'variant' | 'baseWidth' | 'cardinality' | 'attention' | 'shortcut'
>;

/** Everything but what a name already says. */
export type NamedResNetOptions = Omit<ResNetOptions, keyof Named>;

function gluonName(depth: Depth, variant: Variant): string {
  const prefix = DEPTHS[depth].images === 'small' ? 'cifar_resnet' : 'resnet';
  return `${prefix}${depth}_v1${variant === 'a' ? '' : variant}`;
}

const depths = Object.keys(DEPTHS).map((depth) => Number(depth) as Depth);

/** timm's and gluon-cv's names of the paper's variants at every depth. */
const plain = depths.flatMap((depth) =>
  (['a', 'b', 'c', 'd'] as const).flatMap((variant) =>
    [canonicalName(depth, variant), `resnet${depth}${variant}`, gluonName(depth, variant)].map(
      (name) => [name, { depth, variant }] as const,
    ),
  ),
);

/** timm's names of the others, and ours of the CIFAR networks whose shortcuts are padded. */
const others: Readonly<Record<string, Named>> = {
  ...row('t', 10, 14, 26, 50),
  wide_resnet50_2: { depth: 50, baseWidth: 128 },
  wide_resnet101_2: { depth: 101, baseWidth: 128 },
  resnext50_32x4d: { depth: 50, baseWidth: 4, cardinality: 32 },
  resnext50d_32x4d: { depth: 50, variant: 'd', baseWidth: 4, cardinality: 32 },
  resnext101_32x4d: { depth: 101, baseWidth: 4, cardinality: 32 },
  resnext101_32x8d: { depth: 101, baseWidth: 8, cardinality: 32 },
  resnext101_64x4d: { depth: 101, baseWidth: 4, cardinality: 64 },
  ...gated('se', 'b', 18, 34, 50, 101, 152),
  ...gated('se', 't', 50),
  ...gated('se', 'd', 152, 200, 269),
  ...gated('eca', 't', 26, 50),
  ...gated('eca', 'd', 50, 101, 200, 269),
  seresnext50_32x4d: { depth: 50, baseWidth: 4, cardinality: 32, attention: 'se' },
  seresnext101_32x4d: { depth: 101, baseWidth: 4, cardinality: 32, attention: 'se' },
  seresnext101_32x8d: { depth: 101, baseWidth: 8, cardinality: 32, attention: 'se' },
  ...Object.fromEntries(
    ([20, 32, 44, 56, 110] as const).map((depth) => [
      `resnet${depth}_pad`,
      { depth, shortcut: 'pad' } as const,
    ]),
  ),
};

function row(variant: Variant, ...of: readonly Depth[]): Record<string, Named> {
  return Object.fromEntries(of.map((depth) => [canonicalName(depth, variant), { depth, variant }]));
}

function gated(
  attention: 'se' | 'eca',
  variant: Variant,
  ...of: readonly Depth[]
): Record<string, Named> {
  return Object.fromEntries(
    Object.entries(row(variant, ...of)).map(([name, named]) => [
      `${attention}${name}`,
      { ...named, attention },
    ]),
  );
}

const NETWORKS: ReadonlyMap<string, Named> = new Map<string, Named>([
  ...plain,
  ...Object.entries(others),
]);

/** Every name that `createModel` knows: `resnet50`, `resnet50a` to `resnet50d`, gluon-cv's `resnet50_v1` to `_v1d`, ... */
export function modelNames(): string[] {
  return [...NETWORKS.keys()];
}

/** The options that a name stands for, as `resnet` and the counts take them. @throws RangeError if the name is unknown. */
export function optionsOf(name: string): ResNetOptions {
  const network = NETWORKS.get(name);
  if (network) return Object.hasOwn(others, name) ? { name, ...network } : network;
  throw new RangeError(
    `createModel: expected a name such as resnet50d, resnet20d or cifar_resnet20_v1, got ${JSON.stringify(name)}. modelNames() lists all.`,
  );
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
  const { name: ownName, ...network } = optionsOf(name);
  return resnet({ ...(ownName && { name: ownName }), ...options, ...network });
}
