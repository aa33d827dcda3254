import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';

/** What a run records about the library that it runs on. */
export interface Backend {
  readonly version: string;
  /** Such as `CPU:0`. */
  readonly devices: readonly string[];
}

/**
 * Make the native backend current; where the library is missing, pip fetches it, which `onProgress` shows.
 *
 * @throws the signal's reason when aborted meanwhile.
 */
export async function openBackend(
  onProgress: (message: string) => void,
  signal?: AbortSignal,
): Promise<Backend> {
  const { version, devices } = await registerTensorFlowBackend({
    install: true,
    signal,
    onProgress: (progress) => onProgress(formatProgress(progress)),
  }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
  return { version, devices: devices.map(({ name }) => name.replace(/^.*device:/, '')) };
}
