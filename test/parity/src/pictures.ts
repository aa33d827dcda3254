/** Pixels [height, width, 3] of a painted picture, another for each number: the twin of `picture` in python/pictures.py. */
export function paint(number: number, height: number, width: number): Uint8Array {
  const pixels = new Uint8Array(height * width * 3);
  const radius = 40 + 20 * number;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [right, down] = [x - (width >> 1), y - (height >> 1)];
      const inDisc = right * right + down * down < radius * radius;
      for (let c = 0; c < 3; c++) {
        const [a, b] = [3 * number + 2 + c, 5 * number + 1 + 2 * c];
        const wave =
          Math.floor((x * a + y * b) / (4 + number)) ^ Math.floor((x * y) / (64 + 16 * number));
        pixels[at++] = inDisc ? 255 - 60 * c - (wave % 32) : wave % 256;
      }
    }
  }
  return pixels;
}
