import type { PrecisionProbe } from '@bag-of-tricks/amp';
import type { AmpRatio, AmpRatios } from '../compare/amp-ratios.ts';
import { spread } from './numbers.ts';

/** What a probe saw, for a reader. */
export function describePrecision({ dtype, native }: PrecisionProbe): string {
  if (native === 'fast')
    return `mixed precision: ${dtype}, which this machine does fast (a convolution was run in it)`;
  return (
    `mixed precision: ${dtype}, which is emulated here: this CPU has no instructions for it` +
    `${dtype === 'bfloat16' ? ' (AVX512-BF16, AMX or BF16 of ARM)' : ''}. It is slower than float32, and no target is judged.`
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
