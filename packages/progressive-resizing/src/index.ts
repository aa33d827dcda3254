export {
  type ProgressiveResizingOptions,
  progressiveSize,
  progressiveStages,
  type SizeStage,
} from './progressive-sizes.ts';
