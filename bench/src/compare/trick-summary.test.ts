import { expect, test } from 'vitest';
import { summarizeTricks } from './trick-summary.ts';

const rounds = (opCount: number | null, ...times: number[]) =>
  times.map((medianStepMs) => ({ medianStepMs, opCount }));

test("a trick's cost is what the step loses without it or gains with it, as a share of the recipe's step", () => {
  const [full, mixup, smoothing, distillation] = summarizeTricks(rounds(500, 210, 200, 190), [
    { trick: 'mixup', change: 'without', rounds: rounds(490, 190, 199, 180) },
    { trick: 'label smoothing', change: 'without', rounds: rounds(499, 202, 202, 202) },
    { trick: 'distillation', change: 'with', rounds: rounds(900, 300, 310, 290) },
  ]);
  expect(full).toEqual({
    trick: null,
    change: null,
    stepMs: { median: 200, min: 190, max: 210 },
    opCount: 500,
    costMs: 0,
    costShare: 0,
    costOps: 0,
  });
  expect(mixup).toMatchObject({ trick: 'mixup', costMs: 10, costShare: 0.05, costOps: 10 });
  expect(smoothing!.costShare).toBeCloseTo(-0.01);
  expect(distillation).toMatchObject({ costMs: 100, costShare: 0.5, costOps: 400 });
});

test('a trick that makes a step faster has a negative cost', () => {
  const [, amp] = summarizeTricks(rounds(null, 200), [
    { trick: 'autocast', change: 'with', rounds: rounds(null, 100) },
  ]);
  expect(amp).toMatchObject({ costMs: -100, costShare: -0.5, costOps: null });
});
