import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportModel, type InferenceDescription } from '@bag-of-tricks/model-export';
import * as tf from '@tensorflow/tfjs';
import { type LabelledPictures, labelledPictures } from '../labelled-pictures.ts';
import { createModel } from '../networks.ts';

/** Where the data is, which is not ours to publish. */
export interface DataFolders {
  /** tf_efficientnet_lite0.safetensors, cifar10_resnet20_pad.safetensors, imagenet-classes.json. */
  readonly weights: string;
  /** <wnid>/<name>.JPEG */
  readonly photographs: string;
  /** <class>/<name>.jpg of CIFAR-10's test images. */
  readonly cifar10: string;
}

/** A network with the pictures that it is shown. */
export interface ComparedNetwork {
  readonly name: string;
  /** What `export` is given; made in `folder` if it is not there. */
  weights(folder: string): Promise<string>;
  pictures(): Promise<LabelledPictures>;
  /** Whether somebody has trained it, so that the labels mean something. */
  readonly isTrained: boolean;
  readonly isSmall: boolean;
}

/** Twenty, as many as a batch has. */
const some = ({ root, names, labels }: LabelledPictures): LabelledPictures => ({
  ...{ root, names: names.slice(0, 20), labels: labels.slice(0, 20) },
});

/** The networks of the table. */
export function comparedNetworks({
  weights,
  photographs,
  cifar10,
}: DataFolders): ComparedNetwork[] {
  const lite0 = 'tf_efficientnet_lite0';
  const ofImageNet = async () => {
    const wnids = JSON.parse(await readFile(join(weights, 'imagenet-classes.json'), 'utf8'));
    return labelledPictures(photographs, wnids);
  };
  return [
    {
      ...{ name: lite0, isTrained: true, isSmall: false, pictures: ofImageNet },
      weights: async () => join(weights, `${lite0}.safetensors`),
    },
    {
      ...{ name: 'resnet20_pad', isTrained: true, isSmall: true },
      weights: (folder) => cifarWeights(join(weights, 'cifar10_resnet20_pad.safetensors'), folder),
      pictures: async () => labelledPictures(cifar10, cifarClasses, 10),
    },
    ...['mobilenetv2_100', 'resnet50d'].map((name) => ({
      ...{ name, isTrained: false, isSmall: false },
      weights: (folder: string) => randomWeights(name, folder),
      pictures: async () => some(await ofImageNet()),
    })),
  ];
}

const cifarClasses = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
];

/** The file says nothing of its input: a `config.json` beside it does. */
async function cifarWeights(file: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await copyFile(file, join(folder, 'model.safetensors'));
  const config = {
    ...{ architecture: 'resnet20_pad', num_classes: 10, label_names: cifarClasses },
    pretrained_cfg: {
      ...{ input_size: [3, 32, 32], crop_pct: 1, interpolation: 'bilinear' },
      ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

/** Weights from a seed, with statistics of activations, without which the logits of a deep network are nothing or everything. */
export async function randomWeights(
  name: string,
  output: string,
  imageSize = 224,
): Promise<string> {
  const numClasses = 100;
  const network = createModel(name, { numClasses, seed: 3 });
  const size = Math.min(imageSize, 160);
  for (let seed = 0; seed < 4; seed++) {
    const shape = [4, size, size, 3] as const;
    tf.tidy(() =>
      network.apply(tf.randomNormal([...shape], 0, 1.2, 'float32', seed), { training: true }),
    );
  }
  const head = Object.values(network.parameters).findLast(({ rank }) => rank === 2)!;
  tf.tidy(() => head.assign(tf.mul(head, 30)));
  const description: InferenceDescription = {
    ...{ model: name, classNames: Array.from({ length: numClasses }, (_, i) => `class ${i}`) },
    ...{ imageSize, channels: 3, evalResize: Math.round(imageSize / 0.875) },
    ...{ interpolation: 'bicubic', antialias: true, exifOrientation: false },
    ...{ mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  };
  const provenance = { source: 'random numbers' };
  await exportModel({ network, description, provenance }, { output, format: 'safetensors' });
  network.dispose();
  return output;
}
