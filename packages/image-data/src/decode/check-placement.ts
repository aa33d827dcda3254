import type { ImageSize, Placement } from './placement.ts';

/** @throws RangeError - if the placement is not one of whole pixels inside an image of that size. */
export function checkPlacement(
  { window, resized, offset }: Placement,
  image: ImageSize,
  name: string,
): void {
  const { top, left, height, width } = window;
  const numbers = [
    top,
    left,
    height,
    width,
    resized.height,
    resized.width,
    offset.top,
    offset.left,
  ];
  const whole = numbers.every((number) => Number.isSafeInteger(number));
  const inside =
    top >= 0 && left >= 0 && top + height <= image.height && left + width <= image.width;
  const sizes = [height, width, resized.height, resized.width].every((number) => number > 0);
  if (whole && inside && sizes) return;
  throw new RangeError(
    `ImageDecoder.decode: expected a placement of whole pixels inside the ${image.height}x${image.width} image ` +
      `${name}, got window ${JSON.stringify(window)}, resized ${JSON.stringify(resized)}, offset ${JSON.stringify(offset)}.`,
  );
}
