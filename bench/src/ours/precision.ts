import { type LowPrecision, type PrecisionProbe, probePrecision } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';

/**
 * Runs a convolution in `dtype` and tells whether this machine does it fast.
 *
 * @throws Error on a machine that cannot do it.
 */
export async function precision(spec: { readonly dtype: LowPrecision }): Promise<PrecisionProbe> {
  await registerTensorFlowBackend();
  return probePrecision(spec);
}
