export { type AxisOptions, type AxisTaps, axisTaps, widen } from './axis-taps.ts';
export { type Interpolation, interpolations, type ResizeFilter, resizeFilters } from './filters.ts';
export {
  type CenterCrop,
  centerCrop,
  type ImageSize,
  type Shown,
  shown,
  type Window,
} from './geometry.ts';
export { grayAt, makeGray } from './gray.ts';
export { copyUpright, type StoredPixels, storedWindow, turnedSize } from './orientation.ts';
export { isVerticalFirst, type ResizeRequest, Resizer } from './resizer.ts';
