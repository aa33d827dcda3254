export {
  type DistillationLoss,
  type DistillationLossOptions,
  distillationLoss,
} from './distillation-loss.ts';
export { type SoftTargetsOptions, softTargets } from './soft-targets.ts';
export type { SoftValue } from './soft-term.ts';
