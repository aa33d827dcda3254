import { findLibrary } from '../../src/library/find.ts';
import { openTensorFlow, type TensorFlowLibrary } from '../../src/native/open.ts';

/** TensorFlow as the tests find it: `LIBTENSORFLOW_PATH`, or the user's cache. */
export async function library(): Promise<TensorFlowLibrary> {
  return openTensorFlow(await findLibrary());
}
