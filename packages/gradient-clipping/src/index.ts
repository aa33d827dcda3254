export {
  type ClipByGlobalNormOptions,
  type ClipByValueOptions,
  type ClippedGradients,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  type NumberOrScalar,
} from './clip.ts';
