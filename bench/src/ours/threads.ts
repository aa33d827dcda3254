import type { RegisterOptions } from '@bag-of-tricks/libtensorflow';

/** The same number for the threads within an op; null leaves TensorFlow its own choice. */
export function threadOptions(threads: number | null): Pick<RegisterOptions, 'intraOpThreads'> {
  return threads === null ? {} : { intraOpThreads: threads };
}
