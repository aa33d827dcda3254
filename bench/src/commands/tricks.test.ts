import { expect, test } from 'vitest';
import { summarizeTricks } from './tricks.ts';

test("a trick's cost is what the step loses without it, as a share of the step with all of them", () => {
  const rounds = (opCount: number, ...times: number[]) =>
    times.map((medianStepMs) => ({ medianStepMs, opCount }));
  const [full, mixup, smoothing] = summarizeTricks(
    new Map([
      ['', rounds(500, 210, 200, 190)],
      ['mixup', rounds(490, 190, 199, 180)],
      ['label smoothing', rounds(499, 202, 202, 202)],
    ]),
  );
  expect(full).toEqual({
    without: null,
    stepMs: { median: 200, min: 190, max: 210 },
    opCount: 500,
    costShare: 0,
    costOps: 0,
  });
  expect(mixup).toMatchObject({ without: 'mixup', costShare: 0.05, costOps: 10 });
  expect(smoothing!.costShare).toBeCloseTo(-0.01);
});
