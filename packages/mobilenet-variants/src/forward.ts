import type { ConvNorm, Layers } from '@bag-of-tricks/network-layers';
import type { Architecture, MobileBlock } from './architecture.ts';
import type { MobileNetConfig } from './config.ts';

/** Everything before the classifier's average: feature maps [batch, height / 32, width / 32, features]. */
export function featureMaps<T>(
  images: T,
  { stem, blocks, head }: Architecture,
  { activation, padding, epsilon }: Pick<MobileNetConfig, 'activation' | 'padding' | 'epsilon'>,
  layers: Layers<T>,
): T {
  const linear = (x: T, layer: ConvNorm) => layers.convNorm(x, layer, { padding, epsilon });
  const activated = (x: T, layer: ConvNorm) => layers[activation](linear(x, layer));
  const block = (x: T, { layers: inRow, linearLast, shortcut, dropRate }: MobileBlock) => {
    const inner = inRow.slice(0, -1).reduce(activated, x);
    const y = (linearLast ? linear : activated)(inner, inRow.at(-1)!);
    return shortcut ? layers.add(x, layers.dropPaths(y, dropRate)) : y;
  };
  const maps = blocks.reduce(block, activated(images, stem));
  return head ? activated(maps, head) : maps;
}
