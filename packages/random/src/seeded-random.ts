/** A source of uniform numbers in [0, 1), such as `Math.random` or the result of {@link seededRandom}. */
export type Random = () => number;

/**
 * Creates a generator of uniform numbers in [0, 1) whose sequence depends on its key and on nothing else: not on what was
 * drawn before, on the number of workers, or on where a run was resumed. Not for cryptography.
 *
 * The generator is sfc32 (Doty-Humphrey, PractRand). Two outputs make one number, so all 53 bits of a double vary.
 *
 * @param key - Integers of at most 53 bits and strings, such as the run's seed, the epoch, what is drawn, and an index.
 *   Equal keys give equal sequences on every machine and in every version. Order and type count: `(1, 2)`, `(2, 1)` and
 *   `(1, '2')` are three keys.
 *
 * @example
 * ```ts
 * const crop = seededRandom(42, 3, 'crop', 17); // seed 42, epoch 3, image 17
 * const left = Math.floor(crop() * 9);
 * ```
 *
 * @throws TypeError if the key is empty or has a part that is neither a number nor a string.
 * @throws RangeError if a number of the key is no integer of at most 53 bits.
 */
export function seededRandom(...key: readonly (number | string)[]): Random {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  };
  const absorb = (integer: number, length = 0): void => {
    a ^= mix(integer | 0);
    b ^= mix(Math.floor(integer / 2 ** 32) | 0);
    c ^= mix(length);
    // Rounds between the parts keep (1, 2) and (2, 1) apart.
    for (let round = 0; round < 12; round++) next();
  };
  checkKey(key);
  for (const part of key) {
    if (typeof part === 'number') {
      absorb(part);
      continue;
    }
    // A length comes first, which only texts have, so that no text is taken for numbers or for two shorter texts.
    absorb(0, part.length + 1);
    for (let i = 0; i < part.length; i++) absorb(part.charCodeAt(i));
  }
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) * 2 ** -53;
}

/** Murmur3's finaliser: maps neighbouring numbers far apart. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function checkKey(key: readonly unknown[]): void {
  if (key.length === 0) {
    throw new TypeError(
      'seededRandom: expected a key of at least one part, got none. Pass a seed; what differs may follow it.',
    );
  }
  for (const part of key) {
    if (typeof part === 'string' || Number.isSafeInteger(part)) continue;
    const Refusal = typeof part === 'number' ? RangeError : TypeError;
    throw new Refusal(
      `seededRandom: expected integers of at most 53 bits and strings, got ${String(part)}. Pass whole numbers as seed, epoch and index.`,
    );
  }
}
