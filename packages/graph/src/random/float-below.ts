/** The largest float32 that is smaller than `x`. */
export function floatBelow(x: number): number {
  const nearest = Math.fround(x);
  if (nearest < x) return nearest;
  if (nearest === 0) return -(2 ** -149);
  const bits = new Int32Array(Float32Array.of(nearest).buffer);
  bits[0]! += nearest > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0]!;
}
