import {
  autocasting,
  describePrecision,
  lossScaler,
  patience,
  probePrecision,
  type ResolvedPrecision,
  resolvePrecision,
} from '@bag-of-tricks/amp';
import { defineTrick, type TrickParts } from '@bag-of-tricks/train-step';
import { z } from 'zod';
import { DivergenceError, remedy } from '../errors.ts';

const largestScale = 2 ** 24;

/** The parts that scale the loss: a step whose gradients overflow changes nothing but the scale. */
function lossScaling(lossScale: 'dynamic' | number): TrickParts {
  const scaler = lossScaler(lossScale);
  return {
    state: { ...scaler.state },
    gradients: (inner) => (batch, at, seed) => {
      const { gradients, metrics, skipped } = scaler.gradients((s) => inner(batch, at, s), seed);
      return { gradients, metrics: { ...metrics, skipped } };
    },
    step: (inner) => (batch, at) => scaler.step(() => inner(batch, at)),
    skips: true,
    columns: [
      { value: 'lossScale', jsonl: 'lossScale', csv: 'loss_scale', console: 'Scale' },
      { value: 'skippedSteps', jsonl: 'skippedSteps', csv: 'skipped_steps' },
    ],
    afterStep(values, step) {
      if (scaler.isStuck(values)) {
        throw new DivergenceError(
          `step ${step}: expected finite gradients at the lowest loss scale, ${values.lossScale}, but ${patience} steps in a row were skipped there. ${remedy}; or train with more range: --amp-dtype bfloat16, --no-amp, or --loss-scale dynamic in place of a number`,
        );
      }
      if (!values.skipped) return undefined;
      return `Skipped: step ${step}, a gradient overflowed. Loss scale from now on: ${values.lossScale}; ${values.skippedSteps} skipped so far`;
    },
    dispose: scaler.dispose,
  };
}

/** The parts for a device that a probe saw, where the settings do not say whose kernels compute. */
export function mixedPrecision(
  settings: ResolvedPrecision,
  probe = probePrecision({ dtype: settings.dtype }),
): TrickParts {
  const native = settings.native ?? probe.native;
  const scaling = settings.lossScale === null ? {} : lossScaling(settings.lossScale);
  const cast = autocasting({ dtype: settings.dtype, native });
  return {
    ...scaling,
    step: (inner) => cast(scaling.step?.(inner) ?? inner),
    evaluate: cast,
    notes: {
      lines: describePrecision(settings, probe),
      environment: { precision: { ...probe, native } },
    },
  };
}

/** Matrix products in half the bits, what is sensitive in float32, and a scaled loss where small gradients would vanish (section 3.2). */
export const amp = defineTrick({
  name: 'amp',
  description: 'mixed precision with float32 master weights (section 3.2)',
  evaluates: true,
  settings: {
    dtype: z
      .enum(['float16', 'bfloat16'])
      .nullable()
      .default(null)
      .describe('low precision; default: the one that the device does fast'),
    lossScale: z
      .union([z.literal('dynamic'), z.number().positive().max(largestScale)], {
        error: `expected 'dynamic' or a number > 0 and <= ${largestScale}`,
      })
      .nullable()
      .default(null)
      .describe("'dynamic' or a number; default: dynamic for float16, none for bfloat16"),
    native: z
      .enum(['fast', 'emulated'])
      .nullable()
      .default(null)
      .describe("whether the device's own kernels compute; default: what a probe of them says"),
  },
  flags: [
    ['--amp', {}, 'mixed precision, in what the device does fast'],
    ['--amp-dtype <dtype>', 'dtype'],
    ['--loss-scale <scale>', 'lossScale'],
    ['--no-amp', null, 'train in float32'],
  ],
  check: (_, { backend = 'tensorflow' }) =>
    backend === 'tensorflow'
      ? []
      : [
          `amp: expected the backend tensorflow, which alone computes in 16 bits, got ${backend}. Leave it out (--no-amp)`,
        ],
  resolve: (settings) => ({ ...settings, ...resolvePrecision(settings) }),
  build: (settings) => mixedPrecision(resolvePrecision(settings)),
});
