/** How much a source pixel weighs at a distance of x output pixels (of source pixels where the image grows), and how far it reaches. */
export interface ResizeFilter {
  readonly support: number;
  weight(x: number): number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

function bicubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * -0.5 : 0;
}

/** Pillow's filters of these names: the triangle, Keys's cubic with a = -1/2 (Keys 1981), and the sinc cut at 3. */
export const resizeFilters = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (-3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Readonly<Record<string, ResizeFilter>>;

/** The name of a filter. */
export type Interpolation = keyof typeof resizeFilters;

export const interpolations = Object.keys(resizeFilters) as Interpolation[];
