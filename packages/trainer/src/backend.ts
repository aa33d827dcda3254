import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';

/** What a run records about the library that it runs on. */
export interface Backend {
  readonly version: string;
  /** Such as `CPU:0`. */
  readonly devices: readonly string[];
}

/** Make the native backend current; where the library is missing, pip fetches it, which `onProgress` shows. */
export async function openBackend(onProgress: (message: string) => void): Promise<Backend> {
  const { version, devices } = await registerTensorFlowBackend({
    install: true,
    onProgress: (progress) => onProgress(formatProgress(progress)),
  });
  return { version, devices: devices.map(({ name }) => name.replace(/^.*device:/, '')) };
}
