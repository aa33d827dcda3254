import { findLibrary } from '@bag-of-tricks/libtensorflow';
import { openTensorFlow } from '@bag-of-tricks/libtensorflow/native';

/** The functions of TensorFlow's C API that libtensorflow binds, and the version in which they were found here. */
export async function calledFunctions(): Promise<{ version: string; functions: string[] }> {
  const { api, version } = openTensorFlow(await findLibrary());
  // That one is the C library's.
  const functions = Object.keys(api).filter((name) => name !== 'memcpy');
  return { version, functions: functions.sort() };
}
