import { autocast, fastPrecision, type PrecisionProbe, probePrecision } from '@bag-of-tricks/amp';
import type { TrainConfig } from '../config/schema.ts';

/** The low precision of a run, and what this device was seen to make of it. */
export interface Precision extends PrecisionProbe {
  /** What keeps small gradients above zero: a scale that finds its own size, one that stays, or none. */
  readonly lossScale: 'dynamic' | number | null;
}

/** How a device is asked. */
export interface Device {
  readonly fastPrecision: typeof fastPrecision;
  readonly probePrecision: typeof probePrecision;
}

/**
 * The precision that a configuration means on this device: what the device does fast where none is named, and dynamic loss
 * scaling for float16. Runs ops in it, so call it before training; null is float32.
 *
 * @throws Error when none is named and the device does none fast, or when it cannot do the one that is named.
 */
export function choosePrecision(
  amp: TrainConfig['amp'],
  device: Device = { fastPrecision, probePrecision },
): Precision | null {
  if (!amp) return null;
  const dtype = amp.dtype ?? device.fastPrecision();
  if (dtype === undefined) {
    throw new Error(
      'amp: expected a device that computes in float16 or bfloat16 fast, but this CPU emulates both, slower than float32. Train in float32 (--no-amp), or force one: --amp-dtype bfloat16',
    );
  }
  const lossScale = amp.lossScale ?? (dtype === 'float16' ? 'dynamic' : null);
  return { ...device.probePrecision({ dtype }), lossScale };
}

/** The step, in the precision of the run. */
export function inPrecision<Inputs, Outputs>(
  precision: Precision | null,
  step: (inputs: Inputs) => Outputs,
): (inputs: Inputs) => Outputs {
  if (!precision) return step;
  const { dtype, native } = precision;
  return (inputs) => autocast({ dtype, native }, () => step(inputs));
}
