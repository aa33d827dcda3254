const product = (shape: readonly number[]) => shape.reduce((total, size) => total * size, 1);

/** The twin of `pseudo_random` in reference.py: numbers in [-1, 1). */
export function pseudoRandom(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float64Array.from({ length: count }, (_, index) => {
    let x = (seed + Math.imul(index, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 31 - 1;
  });
}

function scaled(name: string, shape: readonly number[], centre: number, scale: number) {
  return Float32Array.from(pseudoRandom(name, product(shape)), (value) => centre + scale * value);
}

/** The twin of `pseudo_weight` in reference.py; the shape is PyTorch's. */
export function pseudoWeight(name: string, shape: readonly number[]): Float32Array {
  if (shape.length > 1) {
    const gain = shape.length === 2 ? 3 : 6;
    return scaled(name, shape, 0, Math.sqrt(gain / product(shape.slice(1))));
  }
  if (name.endsWith('running_var')) return scaled(name, shape, 1, 0.5);
  if (name.endsWith('running_mean')) return scaled(name, shape, 0, 0.2);
  if (name.endsWith('bias')) return scaled(name, shape, 1, 0.2);
  return scaled(name, shape, 1, 0.3);
}

/** NHWC, in [-1, 1). */
export function pseudoImages(shape: readonly number[]): Float32Array {
  return scaled('images', shape, 0, 1);
}
