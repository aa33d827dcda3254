import { type AutocastOptions, autocast } from './autocast/autocast.ts';
import type { LowPrecision } from './autocast/low-precision.ts';
import type { PrecisionProbe } from './autocast/probe.ts';
import { fastPrecision } from './autocast/probe-precision.ts';

/** How a run computes in low precision; what is null depends on the device. */
export interface PrecisionSettings {
  readonly dtype: LowPrecision | null;
  readonly lossScale: 'dynamic' | number | null;
  /** Whose kernels compute. Default: what a probe says. */
  readonly native?: PrecisionProbe['native'] | null;
}

/** The same for a device; without loss scaling where that is null. */
export type ResolvedPrecision = PrecisionSettings & { readonly dtype: LowPrecision };

/**
 * Fills in what depends on the device: the type that it computes in fast where none is named, and dynamic loss scaling for float16.
 *
 * @example
 * ```ts
 * import { resolvePrecision } from '@bag-of-tricks/amp';
 *
 * console.log(resolvePrecision({ dtype: 'float16', lossScale: null })); // { dtype: 'float16', lossScale: 'dynamic' }
 * ```
 *
 * @throws Error when none is named and the device does none fast.
 */
export function resolvePrecision(
  { dtype, lossScale, ...rest }: PrecisionSettings,
  device: { readonly fastPrecision: typeof fastPrecision } = { fastPrecision },
): ResolvedPrecision {
  const chosen = dtype ?? device.fastPrecision();
  if (chosen === undefined) {
    throw new Error(
      'amp: expected a device that computes in float16 or bfloat16 fast, but this CPU emulates both, slower than float32. Train in float32 (--no-amp), or force one: --amp-dtype bfloat16',
    );
  }
  return {
    ...rest,
    dtype: chosen,
    lossScale: lossScale ?? (chosen === 'float16' ? 'dynamic' : null),
  };
}

/** What a run says of its precision, in lines: whose kernels compute where that is set, else the reason where the device is slow. */
export function describePrecision(
  { lossScale, native: asked }: PrecisionSettings,
  probe: PrecisionProbe,
): string[] {
  const line = `mixed precision: ${probe.dtype}, loss scale: ${lossScale ?? 'none'}`;
  if (asked === 'fast') return [`${line}, by the device's own kernels, as asked for`];
  const emulated = `${line}, computed in float32 on operands rounded to it`;
  if (asked === 'emulated') return [`${emulated}, as asked for`];
  if (probe.native === 'fast') return [line];
  return [
    emulated,
    `Warning: ${reasonToEmulate(probe)}. So it is emulated, exact but slower than float32. --no-amp is faster`,
  ];
}

function reasonToEmulate({ dtype, error, timeOverFloat32 }: PrecisionProbe): string {
  const own = `this device's own convolutions in ${dtype}`;
  if (error === null) return `${own} fail`;
  if (timeOverFloat32 === null) return `${own} have an error of ${error.toPrecision(2)}`;
  return `${own} take ${timeOverFloat32.toPrecision(2)} times as long as in float32`;
}

/** Wraps functions so that each of their calls runs inside of `autocast`. */
export const autocasting =
  (options: AutocastOptions) =>
  <Given extends unknown[], Result>(run: (...given: Given) => Result) =>
  (...given: Given): Result =>
    autocast(options, () => run(...given));
