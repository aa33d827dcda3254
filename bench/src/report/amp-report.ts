import type { PrecisionProbe } from '@bag-of-tricks/amp';
import type { AmpRatio, AmpRatios } from '../compare/amp-ratios.ts';
import { spread } from './numbers.ts';

/** What a probe saw, for a reader. */
export function describePrecision({
  dtype,
  native,
  error,
  timeOverFloat32,
}: PrecisionProbe): string {
  const time = timeOverFloat32?.toPrecision(2);
  if (native === 'fast') {
    const seen =
      time === undefined ? 'on a GPU' : `convolutions take ${time} of the time of float32`;
    return `mixed precision: ${dtype}, which this machine does fast (${seen})`;
  }
  const why =
    error === null
      ? 'fail'
      : time
        ? `take ${time} times as long as float32's`
        : `have an error of ${error.toPrecision(2)}`;
  return (
    `mixed precision: ${dtype}, emulated in float32 on rounded operands: this machine's own convolutions in it ${why}. ` +
    'It is slower than float32, and no target is judged.'
  );
}

/** A network's ratios in mixed precision, one a line. */
export function formatAmpRatios(network: string, ratios: AmpRatios): string[] {
  return Object.values(ratios as unknown as Readonly<Record<string, AmpRatio | null>>).flatMap(
    (ratio) => (ratio === null ? [] : [`${network}: mixed precision over ${formatRatio(ratio)}`]),
  );
}

function formatRatio({ over, target, reached, ...ratio }: AmpRatio): string {
  const goal = target === null ? '' : `, target ${target}${judgement(reached)}`;
  return `${over} ${spread(ratio)}${goal}`;
}

function judgement(reached: boolean | null): string {
  if (reached === null) return ' (not judged: emulated)';
  return reached ? ' reached' : ' missed';
}
