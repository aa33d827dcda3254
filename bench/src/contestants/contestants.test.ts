import { expect, test } from 'vitest';
import { stepSpec } from '../compare/recipe.ts';
import { findWorkloads } from '../workloads.ts';
import { findContestants, knownContestants } from './contestants.ts';

const [workload] = findWorkloads(['resnet20d']);
const spec = stepSpec(workload!, { dataFolder: '/data', warmupSteps: 3, threads: null, steps: 1 });

test('all contestants are told the same training, and only how to run it differs', () => {
  const known = knownContestants('bfloat16');
  const specs = known.map((contestant) => {
    const { args } = contestant.command(spec, 'python3');
    const {
      channelsLast,
      compile,
      execution,
      amp,
      rewrite,
      backend: _b,
      ...rest
    } = JSON.parse(args.at(-1)!);
    const { mixup, noBiasDecay, teacher, wire: _, ...same } = rest;
    // Without mixup and with no bias decay, as python/train_step.py has it.
    expect([mixup ?? false, noBiasDecay ?? true, teacher ?? null]).toEqual([false, true, null]);
    const isLow = amp !== null || rewrite === true;
    expect(isLow).toBe(contestant.precision !== 'float32');
    return { same, way: JSON.stringify({ channelsLast, compile, execution, amp, rewrite }) };
  });
  const { amp: _, ...told } = spec;
  for (const { same } of specs) expect(same).toEqual(told);
  expect(new Set(specs.map(({ way }) => way)).size).toBe(known.length);
  expect(new Set(known.map(({ name }) => name)).size).toBe(known.length);
});

test('contestants come in the order asked for; an unknown one is an error', () => {
  expect(findContestants(['pytorch', 'graph']).map(({ side }) => side)).toEqual([
    'pytorch',
    'ours',
  ]);
  expect(findContestants(['tfjs-wasm'])[0]!.command(spec, '').args.at(-1)).toContain(
    '"backend":"wasm"',
  );
  expect(() => findContestants(['jax'])).toThrow(/graph, eager, pytorch.*got "jax"/);
  expect(() => findContestants(['graph-bfloat16'])).toThrow(/take part with --amp/);
  const [low] = findContestants(['graph-bfloat16'], knownContestants('bfloat16'));
  expect(low!.precision).toBe('bfloat16');
});

test('the learning rate is the paper’s, scaled to the batch', () => {
  expect(spec.learningRate).toBeCloseTo(0.05);
});

test("TensorFlow's rewrite to float16 is not one for CPUs", () => {
  const names = (amp: 'bfloat16' | 'float16') => knownContestants(amp).map(({ name }) => name);
  expect(names('bfloat16')).toContain('graph-tf-rewrite');
  expect(names('float16')).not.toContain('graph-tf-rewrite');
});
