/**
 * Derive one 32-bit seed from several numbers (run seed, epoch, purpose, index), so that every random draw
 * depends only on where it stands in the run: a resumed run draws what an uninterrupted one would.
 * Each part goes through murmur3's finaliser, which maps neighbouring numbers far apart.
 */
export function deriveSeed(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
    hash = (hash + 0x9e3779b9) | 0;
  }
  return hash >>> 0;
}

/** What a draw is for: the third part of its seed. */
export const purpose = { mixup: 3 } as const;
