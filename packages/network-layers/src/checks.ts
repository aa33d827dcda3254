// What configurations of networks are checked by; `caller` is the function that messages name.

/** @throws RangeError */
export function expectOneOf(
  caller: string,
  option: string,
  value: unknown,
  allowed: readonly unknown[],
): void {
  if (allowed.includes(value)) return;
  throw new RangeError(
    `${caller}: expected ${option} to be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}.`,
  );
}

/** @throws RangeError */
export function expectInteger(
  caller: string,
  option: string,
  value: unknown,
  minimum: number,
): void {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return;
  throw new RangeError(
    `${caller}: expected ${option} to be an integer of at least ${minimum}, got ${String(value)}.`,
  );
}
