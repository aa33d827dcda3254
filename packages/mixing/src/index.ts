export {
  blend,
  checkBatch,
  checkLambda,
  drawLambda,
  type Partners,
  requireRandom,
  resolvePartners,
  takePartners,
} from './mixing.ts';
