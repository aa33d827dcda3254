import { timmInputTable } from './timm-input-table.ts';
import { unknownInput, type WeightsInput } from './weights.ts';

const statistics = {
  imagenet: { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  half: { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
};

const inputs: ReadonlyMap<string, WeightsInput> = new Map(
  timmInputTable.flatMap(([imageSize, cropPct, interpolation, pixels, names]) => {
    const input = { imageSize, channels: 3, interpolation, cropPct, ...statistics[pixels] };
    return names.split(' ').map((name) => [name, input] as const);
  }),
);

/**
 * How images come into weights that a file's name is all that is known of: those of timm's tag, as `resnet50.tv_in1k`, and without a tag
 * that timm knows, of the tag that its `create_model` takes.
 */
export const timmInput = (name: string): WeightsInput =>
  inputs.get(name) ?? inputs.get(name.split('.')[0]!) ?? unknownInput;
