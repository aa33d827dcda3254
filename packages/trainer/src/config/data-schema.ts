import { dataFormatNames } from '@bag-of-tricks/image-data';
import { z } from 'zod';

/** Images that `fit` was given. */
export const ownDataset = 'own';

/** A setting that is null until it is given; its description says what holds then. */
export const unset = <Type extends z.ZodType>(type: Type, description: string) =>
  z
    .nullable(type)
    .default(null as never)
    .describe(description);

const perChannel = (max: number) =>
  z
    .array(z.number().min(0).max(max))
    .refine(
      (values) => values.length === 1 || values.length === 3,
      'expected three numbers, for red, green and blue on the scale 0..255, or one for grey images',
    )
    .nullable()
    .default(null);

/** Where the images come from. */
export const datasetSettings = {
  dataset: z
    .enum([...dataFormatNames, ownDataset])
    .describe('where the images come from; --data-dir alone means folder'),
  dataDir: unset(
    z.string().min(1),
    'folder of the images, with the splits train and val (or test) in it, or of all classes',
  ),
  valSplit: unset(
    z.number().gt(0).lt(1),
    'share of each class that is kept for validation where the folder has no val or test; default: 0.2',
  ),
  classMap: unset(
    z.string().min(1),
    'file that fixes the classes and their numbers; default: all, sorted by name',
  ),
};

const positiveInteger = z.int().min(1);
const share = z.number().min(0).max(1);

/** What the images of `synthetic` look like. */
export const syntheticSchema = z
  .strictObject({
    imageSize: positiveInteger.max(4096).default(224),
    channels: z
      .union([z.literal(1), z.literal(3)], { error: 'expected 1 (grey) or 3 (RGB)' })
      .default(3),
    numClasses: z.int().min(2).default(1000),
    trainSamples: positiveInteger.default(512),
    evalSamples: positiveInteger.default(128),
  })
  .prefault({})
  .describe('shape of the synthetic dataset');

/** How images become batches. */
export const inputSchema = z
  .strictObject({
    imageSize: unset(
      z.int().min(1).max(4096),
      "height and width of the input in pixels; default: 224, or small images' own",
    ),
    evalResize: unset(
      z.int().min(1).max(8192),
      'shorter side in evaluation before the centre crop; default: 256 for 224',
    ),
    cropPct: unset(
      z.number().gt(0).max(1),
      "evaluation crops this share of the resized image's shorter side; in place of evalResize",
    ),
    interpolation: unset(
      z.enum(['bilinear', 'bicubic', 'lanczos', 'random']),
      "filter that resizes, as Pillow's; random: bilinear or bicubic in training; default: the paper's bilinear",
    ),
    antialias: unset(
      z.boolean(),
      'average when shrinking, as torchvision does; default: where interpolation is given',
    ),
    exifOrientation: z
      .boolean()
      .default(false)
      .describe('turn images upright by their EXIF tag; timm and torchvision do not'),
    badImages: z
      .enum(['fail', 'skip'])
      .default('skip')
      .describe('what an unusable image leads to; skip fails beyond 0.1 %'),
    maxBadFraction: share.default(0.001).describe('share of the images that skip may leave out'),
    maxImageBytes: z
      .int()
      .min(1)
      .default(768 * 2 ** 20)
      .describe('memory that decoding an image may take; one that needs more is bad'),
    maxScanPixels: z
      .int()
      .min(1)
      .default(2 ** 31)
      .describe('pixels times scans of a JPEG, which its decoding time follows'),
    workers: unset(z.int().min(1).max(256), 'threads that decode images; default: one a core'),
    prefetchMegabytes: z
      .number()
      .positive()
      .max(2 ** 20)
      .default(256)
      .describe('memory for batches that wait to be trained on'),
    cacheMegabytes: z
      .number()
      .min(0)
      .max(2 ** 20)
      .default(1024)
      .describe('memory that keeps decoded images from epoch to epoch, if all fit; 0: none'),
    mean: perChannel(255).describe("pixel mean that is subtracted; default: the dataset's"),
    std: perChannel(255).describe("pixel deviation that is divided by; default: the dataset's"),
  })
  .prefault({});

export const defaultCropPadding = 4;

/** How training images are varied. */
export const augmentSchema = z
  .strictObject({
    crop: unset(
      z.enum(['random-resized', 'pad']),
      'random part of the image; default: random-resized, and pad for small images',
    ),
    cropPadding: z
      .int()
      .min(0)
      .max(64)
      .default(defaultCropPadding)
      .describe('zero padding in pixels before the random crop of pad'),
    flip: z.boolean().default(true).describe('mirror left-right with probability 0.5'),
    colorJitter: unset(
      share,
      'largest change of brightness, contrast, saturation; default: 0.4 for files, 0 for pad',
    ),
    pcaNoise: unset(share, 'deviation of the PCA noise; default: 0.1 for files, 0 for pad'),
  })
  .prefault({});
