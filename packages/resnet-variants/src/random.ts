/** FNV-1a, 32 bits. */
function hash(text: string, start: number): number {
  let value = start;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value;
}

/**
 * A generator of uniform numbers in [0, 1) that depends on nothing but `key`: the sfc32 generator, its 128 bits of state
 * filled by four hashes of the key.
 */
export function randomFrom(key: string): () => number {
  let a = hash(key, 0x811c9dc5);
  let b = hash(key, 0x9e3779b9);
  let c = hash(key, 0x243f6a88);
  let counter = hash(key, 0xb7e15162);
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // sfc32 needs about twelve rounds before two similar keys look unrelated.
  for (let round = 0; round < 16; round++) next();
  return next;
}

/** Fills an array with uniform numbers in [-bound, bound). */
export function uniform(length: number, bound: number, random: () => number): Float32Array {
  const values = new Float32Array(length);
  for (let index = 0; index < length; index++) values[index] = (2 * random() - 1) * bound;
  return values;
}

/** Fills an array with normal numbers of mean 0, by Box and Muller's method. */
export function normal(length: number, deviation: number, random: () => number): Float32Array {
  const values = new Float32Array(length);
  for (let index = 0; index < length; index += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[index] = radius * Math.cos(angle);
    // The write past the end of an odd length is ignored by typed arrays.
    values[index + 1] = radius * Math.sin(angle);
  }
  return values;
}
