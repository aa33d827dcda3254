import type { ImageSize } from '../decode/placement.ts';

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

export function requireWhole(caller: string, name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new RangeError(`${caller}: expected ${name} to be a whole number, got ${value}.`);
}

export function requireProbability(caller: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`${caller}: expected ${name} to be a probability of [0, 1], got ${value}.`);
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

/** A strength, whose effect has no sense beyond 1. */
export function requireRange01(caller: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`${caller}: expected ${name} to be a number of [0, 1], got ${value}.`);
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
    `${caller}: expected ${name} to be two numbers of (0, ${limit}], the smaller first, got [${low}, ${high}].`,
  );
}
