import { expect, test } from 'vitest';
import { stepSpec } from '../compare/recipe.ts';
import { findWorkloads } from '../workloads.ts';
import { CONTESTANTS, findContestants } from './contestants.ts';

const [workload] = findWorkloads(['resnet20d']);
const spec = stepSpec(workload!, { dataFolder: '/data', warmupSteps: 3, threads: null, steps: 1 });

test('all contestants are told the same training, and only how to run it differs', () => {
  const specs = CONTESTANTS.map((contestant) => {
    const { args } = contestant.command(spec, 'python3');
    const { channelsLast, compile, execution, mixup, noBiasDecay, ...same } = JSON.parse(
      args.at(-1)!,
    );
    // Without mixup and with no bias decay, as python/train_step.py has it.
    expect([mixup ?? false, noBiasDecay ?? true]).toEqual([false, true]);
    return { same, way: JSON.stringify({ channelsLast, compile, execution }) };
  });
  for (const { same } of specs) expect(same).toEqual({ ...spec });
  expect(new Set(specs.map(({ way }) => way)).size).toBe(CONTESTANTS.length);
});

test('contestants come in the order asked for; an unknown one is an error', () => {
  expect(findContestants(['pytorch', 'graph']).map(({ side }) => side)).toEqual([
    'pytorch',
    'ours',
  ]);
  expect(() => findContestants(['jax'])).toThrow(/graph, eager, pytorch.*got "jax"/);
});

test('the learning rate is the paper’s, scaled to the batch', () => {
  expect(spec.learningRate).toBeCloseTo(0.05);
});
