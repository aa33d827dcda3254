import {
  type Device,
  formatProgress,
  registerTensorFlowBackend,
} from '@bag-of-tricks/libtensorflow';

/** What a run records about the library that it runs on. */
export interface Backend {
  readonly version: string;
  /** Such as `CPU:0`. */
  readonly devices: readonly string[];
  /** Bytes of the GPU's memory, in which the tensors of a step are; null without a GPU. */
  readonly gpuMemory: number | null;
}

/** Of a GPU, which TensorFlow takes in preference to the CPU, the bytes that it may use. */
export const gpuMemoryOf = (devices: readonly Pick<Device, 'type' | 'memoryBytes'>[]) =>
  devices.find(({ type }) => type === 'GPU')?.memoryBytes ?? null;

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
  const names = devices.map(({ name }) => name.replace(/^.*device:/, ''));
  return { version, devices: names, gpuMemory: gpuMemoryOf(devices) };
}
