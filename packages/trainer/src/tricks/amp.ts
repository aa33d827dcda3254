import {
  allFinite,
  autocast,
  fastPrecision,
  type LowPrecision,
  lossScaleVariables,
  moveLossScale,
  type PrecisionProbe,
  probePrecision,
  skipUnless,
  unscaleGradients,
} from '@bag-of-tricks/amp';
import { defineTrick, type Metrics, type TrickParts, type Values } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { DivergenceError, remedy } from '../errors.ts';

/** Steps in a row that may be skipped at the lowest loss scale before that counts as divergence. */
export const patience = 20;

interface AmpSettings {
  readonly dtype: LowPrecision | null;
  readonly lossScale: 'dynamic' | number | null;
}

type Resolved = AmpSettings & { readonly dtype: LowPrecision };

/** How a device is asked. */
interface Device {
  readonly fastPrecision: typeof fastPrecision;
  readonly probePrecision: typeof probePrecision;
}

/**
 * Fills in what depends on the device: the type that it computes in fast where none is named, and dynamic loss scaling for float16.
 *
 * @throws Error when none is named and the device does none fast.
 */
export function resolveAmp(
  { dtype, lossScale }: AmpSettings,
  device: Pick<Device, 'fastPrecision'> = { fastPrecision },
): Resolved {
  const chosen = dtype ?? device.fastPrecision();
  if (chosen === undefined) {
    throw new Error(
      'amp: expected a device that computes in float16 or bfloat16 fast, but this CPU emulates both, slower than float32. Train in float32 (--no-amp), or force one: --amp-dtype bfloat16',
    );
  }
  return { dtype: chosen, lossScale: lossScale ?? (chosen === 'float16' ? 'dynamic' : null) };
}

/** What a run says of its precision, with the reason where the device is slow. */
export function precisionLines({ lossScale }: AmpSettings, probe: PrecisionProbe): string[] {
  const line = `mixed precision: ${probe.dtype}, loss scale: ${lossScale ?? 'none'}`;
  if (probe.native === 'fast') return [line];
  return [
    `${line}, computed in float32 on operands rounded to it`,
    `Warning: ${reasonToEmulate(probe)}. So it is emulated, exact but slower than float32. --no-amp is faster`,
  ];
}

function reasonToEmulate({ dtype, error, timeOverFloat32 }: PrecisionProbe): string {
  const own = `this device's own convolutions in ${dtype}`;
  if (error === null) return `${own} fail`;
  if (timeOverFloat32 === null) return `${own} have an error of ${error.toPrecision(2)}`;
  return `${own} take ${timeOverFloat32.toPrecision(2)} times as long as in float32`;
}

/** The parts that scale the loss: a step whose gradients overflow changes nothing but the scale. */
function lossScaling(lossScale: 'dynamic' | number): TrickParts {
  const dynamic = lossScale === 'dynamic';
  // As float32 has it, like the variable.
  const fixed = dynamic ? 1 : Math.fround(lossScale);
  const rule = dynamic ? { min: 1 } : { growthFactor: 1, backoffFactor: 1, min: fixed, max: fixed };
  const state = lossScaleVariables(dynamic ? {} : { scale: fixed });
  let skippedInARow = 0;
  return {
    state: { ...state },
    gradients: (inner) => (batch, at, seed) => {
      const scale = state.scale as tf.Scalar;
      const { gradients, metrics } = inner(batch, at, seed ? tf.mul(seed, scale) : scale);
      const skipped = tf.cast(tf.logicalNot(allFinite(gradients)), 'float32') as tf.Scalar;
      return { gradients: unscaleGradients(gradients, scale), metrics: { ...metrics, skipped } };
    },
    step: (inner) => (batch, at) => {
      const finite = ({ skipped }: Metrics) => tf.equal(skipped!, 0) as tf.Scalar;
      const metrics = skipUnless(finite, () => inner(batch, at));
      const next = moveLossScale(state, finite(metrics), rule);
      const { scale, skippedSteps } = next;
      return { ...metrics, lossScale: scale, skippedSteps };
    },
    columns: [
      {
        value: 'lossScale',
        jsonl: 'lossScale',
        csv: 'loss_scale',
        console: 'Scale',
        chart: 'Loss scale (log2)',
        log2: true,
      },
      { value: 'skippedSteps', jsonl: 'skippedSteps', csv: 'skipped_steps' },
    ],
    afterStep({ skipped, lossScale: scale, skippedSteps }: Values, step: number) {
      skippedInARow = skipped && scale! <= rule.min ? skippedInARow + 1 : 0;
      if (skippedInARow >= patience) {
        throw new DivergenceError(
          `step ${step}: expected finite gradients at the lowest loss scale, ${scale}, but ${patience} steps in a row were skipped there. ${remedy}; or train with more range: --amp-dtype bfloat16, --no-amp, or --loss-scale dynamic in place of a number`,
        );
      }
      if (!skipped) return undefined;
      return `Skipped: step ${step}, a gradient overflowed. Loss scale from now on: ${scale}; ${skippedSteps} skipped so far`;
    },
    dispose: () => tf.dispose({ ...state }),
  };
}

/** The parts for a device that a probe saw. */
export function mixedPrecision({ dtype, lossScale }: Resolved, probe: PrecisionProbe): TrickParts {
  const scaling = lossScale === null ? {} : lossScaling(lossScale);
  const { native } = probe;
  const cast =
    <Given extends unknown[], Result>(stage: (...given: Given) => Result) =>
    (...given: Given): Result =>
      autocast({ dtype, native }, () => stage(...given));
  return {
    ...scaling,
    step: (inner) => cast(scaling.step?.(inner) ?? inner),
    evaluate: cast,
    notes: {
      lines: precisionLines({ dtype, lossScale }, probe),
      environment: { precision: probe },
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
      .union(
        [
          z.literal('dynamic'),
          z
            .number()
            .positive()
            .max(2 ** 24),
        ],
        { error: `expected 'dynamic' or a number > 0 and <= ${2 ** 24}` },
      )
      .nullable()
      .default(null)
      .describe("'dynamic' or a number; default: dynamic for float16, none for bfloat16"),
  },
  flags: [
    ['--amp', {}, 'mixed precision, in what the device does fast'],
    ['--amp-dtype <dtype>', 'dtype'],
    ['--loss-scale <scale>', 'lossScale'],
    ['--no-amp', null, 'train in float32'],
  ],
  resolve: (settings) => resolveAmp(settings),
  build(settings) {
    const resolved = resolveAmp(settings);
    return mixedPrecision(resolved, probePrecision({ dtype: resolved.dtype }));
  },
});
