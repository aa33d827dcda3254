import type { Depth, ResNetOptions, Variant } from './config.ts';
import { type ResNet, resnet } from './model.ts';

/** Builds a network of one depth; the variant is an option. */
export type ResNetOfDepth = (options?: Omit<ResNetOptions, 'depth'>) => ResNet;

/** Builds a network of one depth and variant. */
export type ResNetOfVariant = (options?: Omit<ResNetOptions, 'depth' | 'variant'>) => ResNet;

/** The functions of one depth: plain (the variant is an option), then a, b, c and d. */
function family(depth: Depth) {
  const ofVariant =
    (variant: Variant): ResNetOfVariant =>
    (options = {}) =>
      resnet({ ...options, depth, variant });
  const ofDepth: ResNetOfDepth = (options = {}) => resnet({ ...options, depth });
  return [ofDepth, ofVariant('a'), ofVariant('b'), ofVariant('c'), ofVariant('d')] as const;
}

export const [resnet18, resnet18a, resnet18b, resnet18c, resnet18d] = family(18);
export const [resnet34, resnet34a, resnet34b, resnet34c, resnet34d] = family(34);
export const [resnet50, resnet50a, resnet50b, resnet50c, resnet50d] = family(50);
export const [resnet101, resnet101a, resnet101b, resnet101c, resnet101d] = family(101);
export const [resnet152, resnet152a, resnet152b, resnet152c, resnet152d] = family(152);
export const [resnet20, resnet20a, resnet20b, resnet20c, resnet20d] = family(20);
export const [resnet32, resnet32a, resnet32b, resnet32c, resnet32d] = family(32);
export const [resnet44, resnet44a, resnet44b, resnet44c, resnet44d] = family(44);
export const [resnet56, resnet56a, resnet56b, resnet56c, resnet56d] = family(56);
export const [resnet110, resnet110a, resnet110b, resnet110c, resnet110d] = family(110);
