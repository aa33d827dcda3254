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

const setting = (flags: string, path: string): ValueFlag => ({ flags, path });

const turn = (flags: string, path: string, value: unknown, description: string): SwitchFlag => ({
  flags,
  path,
  value,
  description,
});

/**
 * Every flag of `train` that stands for a setting, by the heading it has in the help. Names are timm's where the meaning is the
 * same. `--no-bias-decay` is the name of a trick (decay no biases), so `--bias-decay` is what switches it off.
 */
export const flagTable: Readonly<Record<string, readonly Flag[]>> = {
  'Model and data:': [
    setting('--model <name>', 'model'),
    setting('--data-dir <folder>', 'dataDir'),
    setting('--dataset <name>', 'dataset'),
    setting('--class-map <file>', 'classMap'),
    setting('--image-size <pixels>', 'input.imageSize'),
    setting('--limit-samples <n>', 'limitSamples'),
    setting('-b, --batch-size <n>', 'batchSize'),
    setting('--init <name>', 'init'),
    setting('--bad-images <policy>', 'input.badImages'),
    setting('-j, --workers <n>', 'input.workers'),
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
  'Learning rate:': [
    setting('--lr-base <rate>', 'learningRate.base'),
    setting('--lr-base-size <n>', 'learningRate.baseBatchSize'),
    setting('--sched <name>', 'schedule.name'),
    setting('--min-lr <rate>', 'schedule.end'),
    setting('--decay-epochs <list>', 'schedule.boundaries'),
    setting('--decay-rate <factor>', 'schedule.factor'),
    setting('--momentum <m>', 'optimizer.momentum'),
    setting('--weight-decay <wd>', 'optimizer.weightDecay'),
  ],
  'Tricks, each with the flag that switches it off:': [
    turn(
      '--linear-scaling',
      'learningRate.linearScaling',
      true,
      'rate = base * batch size / base size',
    ),
    turn('--no-linear-scaling', 'learningRate.linearScaling', false, 'use --lr-base as it is'),
    setting('--warmup-epochs <n>', 'warmup.epochs'),
    setting('--warmup-form <name>', 'warmup.form'),
    turn('--no-warmup', 'warmup', null, 'start at the full learning rate'),
    turn('--cosine', 'schedule.name', 'cosine', 'cosine decay'),
    turn('--no-cosine', 'schedule.name', 'step', "decay by steps, the paper's baseline"),
    turn('--zero-gamma', 'zeroGamma', true, 'last BN gamma of each residual block starts at 0'),
    turn('--no-zero-gamma', 'zeroGamma', false, 'every BN gamma starts at 1'),
    turn('--no-bias-decay', 'optimizer.noBiasDecay', true, 'decay conv and dense weights only'),
    turn('--bias-decay', 'optimizer.noBiasDecay', false, 'decay every parameter'),
    setting('--label-smoothing <epsilon>', 'labelSmoothing.epsilon'),
    setting('--label-smoothing-form <name>', 'labelSmoothing.form'),
    turn('--no-label-smoothing', 'labelSmoothing', null, 'train on one-hot labels'),
    setting('--mixup-alpha <alpha>', 'mixup.alpha'),
    setting('--mixup-last-epochs-off <n>', 'mixup.lastEpochsOff'),
    turn('--no-mixup', 'mixup', null, 'train on images as they are'),
    setting('--teacher <checkpoint>', 'distillation.teacher'),
    setting('--temperature <t>', 'distillation.temperature'),
    setting('--distill-form <name>', 'distillation.form'),
    setting('--hard-weight <w>', 'distillation.hardWeight'),
    turn('--no-teacher', 'distillation', null, 'train without a teacher'),
    turn('--amp', 'amp', {}, 'mixed precision, in what the device does fast'),
    setting('--amp-dtype <dtype>', 'amp.dtype'),
    setting('--loss-scale <scale>', 'amp.lossScale'),
    turn('--no-amp', 'amp', null, 'train in float32'),
  ],
  'Run control:': [
    setting('--epochs <n>', 'epochs'),
    setting('--steps-per-epoch <n>', 'stepsPerEpoch'),
    setting('--seed <n>', 'seed'),
    setting('--output <folder>', 'output'),
    setting('--experiment <name>', 'experiment'),
    turn('--compile', 'compile', true, 'run each step as one native graph'),
    turn('--no-compile', 'compile', false, 'run op by op'),
    setting('--val-interval <n>', 'evalInterval'),
    setting('--val-batch-size <n>', 'evalBatchSize'),
    setting('--checkpoint-interval <steps>', 'checkpointInterval'),
    setting('--log-interval <steps>', 'logInterval'),
  ],
};
