import { amp } from './amp.ts';
import { cutmix } from './cutmix.ts';
import { dataParallel } from './data-parallel.ts';
import { distillation } from './distillation.ts';
import { ema } from './ema.ts';
import { fineTuning } from './fine-tuning.ts';
import { gradientAccumulation } from './gradient-accumulation.ts';
import { gradientClipping } from './gradient-clipping.ts';
import { labelSmoothing } from './label-smoothing.ts';
import { linearScaling } from './linear-scaling.ts';
import { mixup } from './mixup.ts';
import { noBiasDecay } from './no-bias-decay.ts';
import { progressiveResizing } from './progressive-resizing.ts';
import { randAugment } from './rand-augment.ts';
import { randomErasing } from './random-erasing.ts';
import { schedule } from './schedule.ts';
import { stochasticDepth } from './stochastic-depth.ts';
import { trivialAugment } from './trivial-augment.ts';
import { warmup } from './warmup.ts';
import { zeroGamma } from './zero-gamma.ts';

/**
 * Every trick, in the paper's order, then those that are not in the paper. Where two wrap the same stage of a step, the later one is
 * around the earlier one. To add a trick: its file, and its line here.
 */
export const tricks = {
  linearScaling,
  gradientAccumulation,
  dataParallel,
  warmup,
  zeroGamma,
  noBiasDecay,
  amp,
  schedule,
  labelSmoothing,
  distillation,
  mixup,
  cutmix,
  randAugment,
  trivialAugment,
  randomErasing,
  stochasticDepth,
  progressiveResizing,
  fineTuning,
  gradientClipping,
  ema,
} as const;

/** One of our tricks. */
export type BuiltInTrick = (typeof tricks)[keyof typeof tricks];
