import type { DataFormat } from '../../formats/format.ts';
import { fashionMnist } from './fashion-mnist.ts';

/** Fashion-MNIST, with the mean and deviation of its training images. */
export const fashionMnistFormat: DataFormat = {
  files: false,
  classMap: false,
  traits: () => ({ imageSize: 28, channels: 1, crop: 'pad', mean: [72.96], std: [89.97] }),
  open: fashionMnist,
};
