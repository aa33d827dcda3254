import { expect, test } from 'vitest';
import { findWorkloads } from '../workloads.ts';
import { stepSpec } from './recipe.ts';
import { baselineOf, recipeSpec, trickVariants } from './trick-variants.ts';

const [workload] = findWorkloads(['resnet50d']);
const options = { dataFolder: '/data', warmupSteps: 3, threads: null, steps: 1 };
const recipe = recipeSpec(stepSpec(workload!, options), 'graph');
const baseline = recipeSpec(
  stepSpec({ ...workload!, network: baselineOf(workload!.network) }, options),
  'graph',
);

test('each variant differs from the recipe in its own trick alone', () => {
  const variants = trickVariants(recipe, { baseline, amp: 'bfloat16' });
  const changes = variants.map(({ change, trick, spec }) => {
    const changed = Object.entries(spec).filter(
      ([key, value]) => recipe[key as keyof typeof recipe] !== value,
    );
    return [`${change} ${trick}`, Object.fromEntries(changed)];
  });
  expect(Object.fromEntries(changes)).toEqual({
    'without label smoothing': { epsilon: 0 },
    'without mixup': { mixup: false },
    'without no bias decay': { noBiasDecay: false },
    'without variant D': { network: 'resnet50a' },
    'with distillation, resnet152d': { teacher: 'resnet152d' },
    'with autocast bfloat16': { amp: 'bfloat16', native: 'fast' },
  });
});

test('without fast bfloat16 there is no such row', () => {
  const tricks = trickVariants(recipe, { baseline, amp: null }).map(({ trick }) => trick);
  expect(tricks).not.toContain('autocast bfloat16');
  expect(tricks).toHaveLength(5);
});
