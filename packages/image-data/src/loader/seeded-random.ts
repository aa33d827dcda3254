/** Murmur3's finaliser: maps neighbouring numbers far apart. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * A generator of uniform numbers in [0, 1) whose sequence depends on `parts` (run seed, epoch, purpose, index) and on nothing
 * else: not on what was drawn before, on the number of workers or on where a run was resumed. It is sfc32 (Doty-Humphrey,
 * PractRand), two outputs a number, so that all 53 bits of a double vary.
 *
 * @throws RangeError when a part is not an integer of at most 53 bits.
 */
export function seededRandom(...parts: readonly number[]): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  };
  for (const part of parts) {
    if (!Number.isSafeInteger(part)) {
      throw new RangeError(
        `seededRandom: expected integers, got ${part}. Pass whole numbers as seed, epoch and index.`,
      );
    }
    a ^= mix(part | 0);
    b ^= mix(Math.floor(part / 2 ** 32) | 0);
    // Rounds between the parts keep (1, 2) and (2, 1) apart.
    for (let round = 0; round < 12; round++) next();
  }
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) * 2 ** -53;
}
