import type { TestContext } from 'vitest';
import { type AutocastOptions, probePrecision } from '../../src/index.ts';

/** Each type, computed by the device's own kernels and emulated, whatever the device is. */
export const precisions = (['float16', 'bfloat16'] as const).flatMap((dtype) =>
  (['fast', 'emulated'] as const).map((native) => ({ dtype, native })),
);

/** Leaves a test out where the device has no kernels of its own: oneDNN that is told of a smaller CPU ends the process. */
export function requireKernels(
  { skip }: Pick<TestContext, 'skip'>,
  { dtype, native }: AutocastOptions,
): void {
  if (native !== 'fast') return;
  const device = probePrecision({ dtype });
  const fails = device.native === 'emulated' && device.error === null;
  if (fails) skip(`no kernel in ${dtype}`);
}
