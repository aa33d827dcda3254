/** Blocks of each stage of MobileNetV2, which torchvision numbers through (Sandler et al. 2018, table 2). */
const stages = [1, 2, 3, 4, 3, 3, 1];

const ends: Readonly<Record<string, string>> = {
  'features.0.0': 'conv_stem',
  'features.0.1': 'bn1',
  'features.18.0': 'conv_head',
  'features.18.1': 'bn2',
  'classifier.1': 'classifier',
};

/** The layers of a block in torchvision's names; the first block has no expansion. */
const firstBlock = { '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' };
const otherBlocks = {
  ...{
    '0.0': 'conv_pw',
    '0.1': 'bn1',
    '1.0': 'conv_dw',
    '1.1': 'bn2',
    '2': 'conv_pwl',
    '3': 'bn3',
  },
};

const blocks = stages.flatMap((count, stage) =>
  Array.from({ length: count }, (_, index) => `blocks.${stage}.${index}`),
);

const modules = new Map([
  ...Object.entries(ends),
  ...blocks.flatMap((block, index) =>
    Object.entries(index === 0 ? firstBlock : otherBlocks).map(
      ([theirs, ours]) => [`features.${index + 1}.conv.${theirs}`, `${block}.${ours}`] as const,
    ),
  ),
]);

/** timm's name of a tensor of torchvision's MobileNetV2; any other name stays. Its ResNets have timm's names. */
export function timmName(name: string): string {
  const point = name.lastIndexOf('.');
  const module = modules.get(name.slice(0, point));
  return module ? `${module}${name.slice(point)}` : name;
}
