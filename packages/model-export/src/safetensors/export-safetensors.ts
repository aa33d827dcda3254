import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import type { Network } from '@bag-of-tricks/train-step';
import type { ExportedModel, Writing } from '../export-model.ts';

/**
 * `model.safetensors` with timm's names and layouts, and the `config.json` by which `timm.create_model` makes the network.
 *
 * @throws Error for a network that has no weights of PyTorch's layout.
 */
export async function exportSafetensors(model: ExportedModel): Promise<Writing> {
  const { network } = model;
  if (!network.toStateDict) {
    throw new Error(
      `exportModel: expected a network with timm's names of its weights, got ${network.name}, which has no toStateDict. Export a graph-model or a saved-model`,
    );
  }
  const dict = await network.toStateDict();
  const wrong = Object.entries(dict).find(([, { data }]) => !data.every(Number.isFinite));
  if (wrong) {
    throw new Error(
      `exportModel: expected finite weights of ${network.name}, got ${wrong[1].data.find((one) => !Number.isFinite(one))} in ${wrong[0]}. Export other weights`,
    );
  }
  const tensors = Object.entries(dict).map(([name, { shape, data }]) => {
    const dtype = data instanceof Int32Array ? ('I32' as const) : ('F32' as const);
    return [name, { dtype, shape, data }] as const;
  });
  return {
    model: 'model.safetensors',
    files: {
      'config.json': `${JSON.stringify(timmConfig(model), null, 2)}\n`,
      'model.safetensors': serializeSafetensors(tensors, { metadata: { format: 'pt' } }),
    },
    check: () => Promise.resolve(null),
  };
}

/** timm's description of a network and its input, on its scale 0..1. */
function timmConfig({ network, description, license = null }: ExportedModel) {
  const { model, classNames, imageSize, channels, evalResize, interpolation, mean, std } =
    description;
  // As they are written, without the last digits of the division.
  const unit = (values: readonly number[]) =>
    values.map((value) => Number((value / 255).toPrecision(12)));
  return {
    architecture: model,
    num_classes: classNames.length,
    global_pool: 'avg',
    label_names: classNames,
    model_args: { num_classes: classNames.length, in_chans: channels },
    pretrained_cfg: {
      ...{ input_size: [channels, imageSize, imageSize], fixed_input_size: false, interpolation },
      ...{ crop_pct: cropShare(imageSize, evalResize), crop_mode: 'center' },
      ...{ mean: unit(mean), std: unit(std), num_classes: classNames.length },
      ...{ ...endsOf(network), license },
    },
  };
}

/** The share that the crop keeps, such that its `floor(size / share)` is the resize again. */
export function cropShare(imageSize: number, evalResize: number): number {
  const share = imageSize / evalResize;
  return Math.floor(imageSize / share) === evalResize ? share : imageSize / (evalResize + 0.5);
}

/** timm's names of the layers that it replaces for other channels or other classes. */
function endsOf({ parameters }: Network): { first_conv: string; classifier: string } {
  const layers = Object.keys(parameters).map((name) => name.replace(/\.[^.]*$/, ''));
  return { first_conv: layers[0]!, classifier: layers.at(-1)! };
}
