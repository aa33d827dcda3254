import type { LowPrecision } from '@bag-of-tricks/amp';
import { oursSpec } from '../contestants/contestants.ts';
import type { OursSpec, StepSpec } from '../contestants/step-spec.ts';

/** A step of the recipe, without one of its tricks or with one more. */
export interface TrickVariant {
  readonly trick: string;
  readonly change: 'without' | 'with';
  readonly spec: OursSpec;
}

/** The tricks that do something in every step; the schedules and zero gamma cost nothing there. */
const WITHOUT: Readonly<Record<string, Partial<OursSpec>>> = {
  'label smoothing': { epsilon: 0 },
  mixup: { mixup: false },
  'no bias decay': { noBiasDecay: false },
};

/** Frozen teachers: the paper's, and one of the same family for small images. */
const TEACHERS: Readonly<Record<string, string>> = {
  resnet20d: 'resnet56d',
  resnet50d: 'resnet152d',
};

/** The same depth in the paper's baseline variant. */
export function baselineOf(network: string): string {
  return network.replace(/d$/, 'a');
}

/** The step with the tricks that every step of the recipe has. */
export function recipeSpec(spec: StepSpec, execution: OursSpec['execution']): OursSpec {
  return oursSpec(spec, { execution, mixup: true });
}

/** The recipe's step with one change each: first what is left out, then what is added. */
export function trickVariants(
  recipe: OursSpec,
  { baseline, amp }: { readonly baseline: OursSpec; readonly amp: LowPrecision | null },
): TrickVariant[] {
  const teacher = TEACHERS[recipe.network] ?? recipe.network;
  const missing = Object.entries(WITHOUT).map(([trick, changes]): TrickVariant => {
    return { trick, change: 'without', spec: { ...recipe, ...changes } };
  });
  return [
    ...missing,
    ...(baseline.network === recipe.network
      ? []
      : [{ trick: 'variant D', change: 'without', spec: baseline } as const]),
    { trick: `distillation, ${teacher}`, change: 'with', spec: { ...recipe, teacher } },
    ...(amp === null
      ? []
      : [
          {
            trick: `autocast ${amp}`,
            change: 'with',
            spec: { ...recipe, amp, native: 'fast' },
          } as const,
        ]),
  ];
}
