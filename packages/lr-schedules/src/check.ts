/** Throws unless `value` is a finite number within `[minimum, maximum]`. */
export function checkNumber(
  caller: string,
  name: string,
  value: number,
  { minimum = 0, maximum = Number.MAX_VALUE }: { minimum?: number; maximum?: number } = {},
): void {
  if (Number.isFinite(value) && value >= minimum && value <= maximum) return;
  const range =
    maximum === Number.MAX_VALUE ? `>= ${minimum}` : `between ${minimum} and ${maximum}`;
  throw new RangeError(
    `${caller}: expected ${name} to be a finite number ${range}, got ${value}. Pass a number in that range.`,
  );
}

/** Throws unless `value` is a finite number > 0. */
export function checkPositive(caller: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(
    `${caller}: expected ${name} to be a finite number > 0, got ${value}. Pass a positive number.`,
  );
}

/** Throws unless `value` lies strictly between 0 and 1: the factor of a decay. */
export function checkFactor(caller: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new RangeError(
    `${caller}: expected factor to be between 0 and 1 (both excluded), got ${value}. The rate is multiplied by it: 0.1 divides by ten.`,
  );
}

/** Throws unless `value` is an integer >= `minimum`. */
export function checkInteger(caller: string, name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new RangeError(
    `${caller}: expected ${name} to be an integer >= ${minimum}, got ${value}. Round it to a whole count first.`,
  );
}

/** Throws unless `step` is one that a schedule can be asked for. */
export function checkStep(caller: string, step: number): void {
  if (Number.isSafeInteger(step) && step >= 0) return;
  throw new RangeError(
    `${caller}: expected step to be an integer >= 0, got ${step}. Pass the number of updates made so far, 0 for the first batch.`,
  );
}

/** Throws unless the boundaries are steps that increase: integers >= 1, each above the one before. */
export function checkBoundaries(caller: string, boundaries: readonly number[]): void {
  boundaries.forEach((boundary, i) => {
    checkInteger(caller, `boundaries[${i}]`, boundary, 1);
    const previous = boundaries[i - 1];
    if (previous !== undefined && boundary <= previous) {
      throw new RangeError(
        `${caller}: expected boundaries to increase, got ${boundary} after ${previous}. Sort them and leave out doubles.`,
      );
    }
  });
}
