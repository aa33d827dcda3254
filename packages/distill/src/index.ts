export {
  type DistillationLoss,
  type DistillationLossOptions,
  distillationLoss,
  type SoftValue,
} from './distillation-loss.ts';
export { type SoftTargetsOptions, softTargets } from './soft-targets.ts';
