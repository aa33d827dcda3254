import type { KnownTricks } from '../config/schema.ts';

/** A flag that takes a value: its type, choices and description are those of the setting at `path`. */
interface ValueFlag {
  readonly flags: string;
  readonly path: string;
}

/** A flag without a value, which sets `path` to `value`. */
interface SwitchFlag extends ValueFlag {
  readonly value: unknown;
  readonly description: string;
}

export type Flag = ValueFlag | SwitchFlag;

/** Flags by the heading that they have in the help. */
export type FlagTable = Readonly<Record<string, readonly Flag[]>>;

const setting = (flags: string, path: string): ValueFlag => ({ flags, path });

const turn = (flags: string, path: string, value: unknown, description: string): SwitchFlag => ({
  flags,
  path,
  value,
  description,
});

/** The flags of the settings that belong to no trick. Names are timm's where the meaning is the same. */
const baseFlags: FlagTable = {
  'Model and data:': [
    setting('--model <name>', 'model'),
    setting('--pretrained <weights>', 'pretrained'),
    turn(
      '--linear-probe',
      'linearProbe',
      true,
      'train the last layer alone, on features of the images that are computed once',
    ),
    setting('--data-dir <folder>', 'dataDir'),
    setting('--dataset <name>', 'dataset'),
    setting('--class-map <file>', 'classMap'),
    setting('--val-split <share>', 'valSplit'),
    setting('--image-size <pixels>', 'input.imageSize'),
    setting('--crop-pct <share>', 'input.cropPct'),
    setting('--interpolation <name>', 'input.interpolation'),
    setting('--limit-samples <n>', 'limitSamples'),
    setting('-b, --batch-size <n>', 'batchSize'),
    setting('--init <name>', 'init'),
    setting('--bad-images <policy>', 'input.badImages'),
    setting('--max-image-bytes <n>', 'input.maxImageBytes'),
    setting('--max-scan-pixels <n>', 'input.maxScanPixels'),
    setting('-j, --workers <n>', 'input.workers'),
    setting('--cache-megabytes <n>', 'input.cacheMegabytes'),
  ],
  'Augmentation:': [
    setting('--crop <name>', 'augment.crop'),
    setting('--crop-padding <pixels>', 'augment.cropPadding'),
    turn('--no-flip', 'augment.flip', false, 'do not mirror images at random'),
    setting('--color-jitter <amount>', 'augment.colorJitter'),
    turn('--no-color-jitter', 'augment.colorJitter', 0, 'leave the colours as they are'),
    setting('--pca-noise <deviation>', 'augment.pcaNoise'),
    turn('--no-pca-noise', 'augment.pcaNoise', 0, 'add no PCA noise'),
    turn('--antialias', 'input.antialias', true, 'average when shrinking, as torchvision does'),
    turn('--no-antialias', 'input.antialias', false, "shrink as the paper's input pipeline does"),
    turn('--exif-orientation', 'input.exifOrientation', true, 'turn images upright'),
    turn(
      '--no-exif-orientation',
      'input.exifOrientation',
      false,
      'show images as stored, as timm does',
    ),
  ],
  'Optimiser and loss:': [
    setting('--opt <name>', 'optimizer.name'),
    setting('--lr-base <rate>', 'learningRate.base'),
    setting('--momentum <m>', 'optimizer.momentum'),
    setting('--opt-eps <epsilon>', 'optimizer.epsilon'),
    setting('--weight-decay <wd>', 'optimizer.weightDecay'),
    turn('--bce-loss', 'loss', 'bce', 'binary cross-entropy, as in ResNet strikes back'),
  ],
  'Run control:': [
    setting('--epochs <n>', 'epochs'),
    setting('--steps-per-epoch <n>', 'stepsPerEpoch'),
    setting('--seed <n>', 'seed'),
    setting('--output <folder>', 'output'),
    setting('--experiment <name>', 'experiment'),
    setting('--backend <name>', 'backend'),
    turn('--compile', 'compile', true, 'run each step as one native graph'),
    turn('--no-compile', 'compile', false, 'run op by op'),
    setting('--val-interval <n>', 'evalInterval'),
    setting('--patience <n>', 'patience'),
    setting('--val-batch-size <n>', 'evalBatchSize'),
    setting('--checkpoint-interval <steps>', 'checkpointInterval'),
    setting('--checkpoint-hist <n>', 'checkpointHist'),
    setting('--log-interval <steps>', 'logInterval'),
  ],
};

/** The flags of one trick, whose paths begin with its name. */
export function trickFlags({ name, flags = [] }: KnownTricks[number]): Flag[] {
  const below = (path?: string) => (path ? `${name}.${path}` : name);
  return flags.map((flag) => {
    if ('flags' in flag) return turn(flag.flags, below(flag.path), flag.value, flag.description);
    return flag.length === 2
      ? setting(flag[0], below(flag[1]))
      : turn(flag[0], below(), flag[1], flag[2]);
  });
}

/** Every flag of `train` that stands for a setting; those of the tricks in the order of the list. */
export function flagTable(known: KnownTricks): FlagTable {
  const { 'Run control:': runControl, ...before } = baseFlags;
  return {
    ...before,
    'Tricks, each with the flag that switches it off:': known.flatMap(trickFlags),
    'Run control:': runControl!,
  };
}
