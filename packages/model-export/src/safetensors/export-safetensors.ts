import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceDescription } from '@bag-of-tricks/classifier';
import {
  parseSafetensors,
  type SafetensorsInput,
  serializeSafetensors,
} from '@bag-of-tricks/safetensors';
import type { Network } from '@bag-of-tricks/train-step';
import type { ExportedModel, Writing, WritingOptions } from '../export-model.ts';
import { bytesOf } from '../graph/nodes.ts';

/**
 * `model.safetensors` with timm's names and layouts, and the `config.json` by which `timm.create_model` makes the network; for one that timm
 * lacks, the definitions in Python.
 *
 * @throws Error for a network that has no weights of PyTorch's layout.
 */
export async function exportSafetensors(
  model: ExportedModel,
  { definitions, onProgress }: Pick<WritingOptions, 'definitions' | 'onProgress'>,
): Promise<Writing> {
  const { network, description } = model;
  if (!network.toStateDict) {
    throw new Error(
      `exportModel: expected a network with timm's names of its weights, got ${network.name}, which has no toStateDict. Export a graph-model or a saved-model`,
    );
  }
  onProgress?.('reading the weights');
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
  const isInTimm = inTimm.test(description.model);
  return {
    model: 'model.safetensors',
    files: {
      'config.json': `${JSON.stringify(timmConfig(model), null, 2)}\n`,
      'model.safetensors': serializeSafetensors(tensors, { metadata: { format: 'pt' } }),
      ...(isInTimm ? {} : definitions),
    },
    notes: [
      ...(isInTimm ? [] : [withoutTimm(model, Object.keys(definitions))]),
      ...unlikeTimm(description),
    ],
    async check(folder) {
      requireSame(await readFile(join(folder, 'model.safetensors')), new Map(tensors));
      return null;
    },
  };
}

/** Names of our networks that timm has too; the others are gluon-cv's, and those of CIFAR. */
const inTimm =
  /^(resnet((18|26|34|50|101|152|200)d?|(50|101|152)c|(10|14|26|50)t)|(wide_|se|eca)resnet\w+|(se)?resnext\w+|mobilenetv[12]_\w+|(tf_)?efficientnet_lite\d)$/;

function withoutTimm({ description: { model } }: ExportedModel, [definition]: string[]): string {
  const missing = `timm has no network named ${model}: timm.create_model does not know it`;
  return definition === undefined
    ? `${missing}, the file is for our --pretrained and for networks of your own in PyTorch`
    : `${missing}, but ${definition} beside it does, by create_model("${model}", num_classes=...)`;
}

/** How this network sees pictures otherwise than timm does, which its config.json cannot say. */
function unlikeTimm({ antialias, exifOrientation }: InferenceDescription): string[] {
  const differs = (timms: string, ours: string) =>
    `${timms}, and ${ours}, which config.json cannot say: the same picture may have other probabilities there`;
  return [
    ...(antialias
      ? []
      : [differs('timm averages when it shrinks', 'this network was evaluated without')]),
    ...(exifOrientation
      ? [differs('timm turns no picture by EXIF', 'this network sees them upright')]
      : []),
  ];
}

/** @throws Error when a file holds other tensors than were written, or other bits. */
export function requireSame(
  file: Uint8Array,
  written: ReadonlyMap<string, SafetensorsInput & { readonly data: NodeJS.TypedArray }>,
): void {
  const { tensors } = parseSafetensors(file);
  const names = new Set([...written.keys(), ...tensors.keys()]);
  for (const name of names) {
    const [one, other] = [tensors.get(name), written.get(name)];
    const isSame =
      one?.dtype === other?.dtype &&
      `${one?.shape}` === `${other?.shape}` &&
      one !== undefined &&
      Buffer.compare(one.data, bytesOf(other!.data)) === 0;
    if (isSame) continue;
    throw new Error(
      `exportModel: expected the written ${name} to be the network's bit for bit, it is not. The disk may be failing: export to another one`,
    );
  }
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
