import type { Spread } from '../statistics.ts';

/** Three digits that matter: 0.123, 1.23, 12.3, 123, 1230. */
export function threeDigits(value: number): string {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(2 - magnitude, 0), 3));
}

/** `12.3 (12.0..13.1)`. */
export function spread({ median, min, max }: Spread): string {
  return `${threeDigits(median)} (${threeDigits(min)}..${threeDigits(max)})`;
}

/** `12 %`, or a dash for what is not known. */
export function percent(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** Milliseconds as seconds, or a dash. */
export function seconds(ms: number | null): string {
  return ms === null ? '-' : threeDigits(ms / 1000);
}

/** Bytes as 10^9 bytes. */
export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}
