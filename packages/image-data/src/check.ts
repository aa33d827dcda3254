import type { ImageSize } from './decode/placement.ts';

/** A size given as one number or two. */
export function toSize(caller: string, size: number | ImageSize): ImageSize {
  const { height, width } = typeof size === 'number' ? { height: size, width: size } : size;
  requireCount(caller, 'size', height);
  requireCount(caller, 'size', width);
  return { height, width };
}

export function requireCount(caller: string, name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new RangeError(`${caller}: expected ${name} to be a whole number above 0, got ${value}.`);
}

/** A whole number from 0 on, or within other bounds, both included. */
export function requireWhole(
  caller: string,
  name: string,
  value: number,
  [least, most]: readonly [number, number] = [0, Number.MAX_SAFE_INTEGER],
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new RangeError(`${caller}: expected ${name} to be a whole number ${bounds}, got ${value}.`);
}

export function requireAbove0(caller: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(`${caller}: expected ${name} to be a number above 0, got ${value}.`);
}

/** A probability, a share or a strength. */
export function requireShare(caller: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`${caller}: expected ${name} to be a number of [0, 1], got ${value}.`);
}

export function requireOneOf<T extends string>(
  caller: string,
  name: string,
  value: T,
  values: readonly T[],
): void {
  if (values.includes(value)) return;
  throw new RangeError(
    `${caller}: expected ${name} to be ${values.map((one) => `'${one}'`).join(' or ')}, got ${String(value)}.`,
  );
}

/** A range of numbers above 0, the smaller first. */
export function requireRange(
  caller: string,
  name: string,
  [low, high]: readonly [number, number],
  limit: number,
): void {
  if (low > 0 && low <= high && high <= limit) return;
  throw new RangeError(
    `${caller}: expected ${name} to be two numbers above 0${limit === Number.MAX_VALUE ? '' : ` and up to ${limit}`}, the smaller first, got [${low}, ${high}].`,
  );
}
