import type { Measurement } from '../compare/measure.ts';

/** Above it figures mean little: OpenMP, which PyTorch uses, waits in loops and suffers more from company than TensorFlow. */
export const QUIET_SHARE = 0.05;

/** A warning when others used much of the machine during the measurement; null when it was quiet or is not known. */
export function busyWarning(
  measurements: readonly Pick<Measurement, 'foreignShare'>[],
): string | null {
  const shares = measurements.map(({ foreignShare }) => foreignShare ?? 0);
  const busy = shares.filter((share) => share > QUIET_SHARE);
  if (busy.length === 0) return null;
  return (
    `The machine was not quiet: in ${busy.length} of ${shares.length} processes others had more than ` +
    `${QUIET_SHARE * 100} % of it (up to ${(Math.max(...busy) * 100).toFixed(0)} %). Do not cite these figures.`
  );
}
