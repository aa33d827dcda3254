import {
  type Device,
  formatProgress,
  registerGradients,
  registerTensorFlowBackend,
} from '@bag-of-tricks/libtensorflow';
import { ConfigError, nearestName, registerTrainingKernels } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';

/** What a run records about what it computes on. */
export interface Backend {
  /** As TensorFlow.js knows it. */
  readonly name: string;
  /** Of TensorFlow's library, or of TensorFlow.js where it runs without. */
  readonly version: string;
  /** Such as `CPU:0`. */
  readonly devices: readonly string[];
  /** Bytes of the GPU's memory, in which the tensors of a step are; null without a GPU, or where nobody says. */
  readonly gpuMemory: number | null;
}

/** The backend of TensorFlow's library, which alone compiles steps. */
export const nativeBackend = 'tensorflow';

/** What decodes JPEG: without the native backend, nothing needs TensorFlow's library. */
export const jpegDecoderOn = (backend: string): 'tensorflow' | 'sharp' =>
  backend === nativeBackend ? 'tensorflow' : 'sharp';

/** The packages of TensorFlow.js's own backends that run in Node. */
const packages: Readonly<Record<string, string>> = {
  cpu: '@tensorflow/tfjs-backend-cpu',
  wasm: '@tensorflow/tfjs-backend-wasm',
};

/** How many times as long as a compiled step theirs take, measured in docs/PLATFORMS.md of libtensorflow. */
const slower: Readonly<Record<string, number>> = { cpu: 200, wasm: 25 };

/** Options of `openBackend`. */
export interface OpenBackendOptions {
  /** `tensorflow`, `cpu`, `wasm`, or one that was registered before. Default: `tensorflow`. */
  readonly name?: string | undefined;
  /** Called with a line of text: while pip fetches the library, and once where steps will be slow. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Ends such a fetch. */
  readonly signal?: AbortSignal | undefined;
  /** Imports a package. Default: `import`. */
  readonly load?: (module: string) => Promise<unknown>;
}

/** Of a GPU, which TensorFlow takes in preference to the CPU, the bytes that it may use. */
export const gpuMemoryOf = (devices: readonly Pick<Device, 'type' | 'memoryBytes'>[]) =>
  devices.find(({ type }) => type === 'GPU')?.memoryBytes ?? null;

/**
 * Makes a backend current. Of the native one pip fetches the library where it is missing, which `onProgress` shows; another gets the gradients
 * and the kernels that training needs, and nothing of TensorFlow's library is looked for. `fit`, `train` and `evaluate` call it; call it yourself before you
 * make a network that `fit` is to train on such a backend.
 *
 * @example
 * ```ts
 * import { openBackend } from '@bag-of-tricks/trainer';
 *
 * const { name, version } = await openBackend({ name: 'cpu' }); // of the package @tensorflow/tfjs-backend-cpu
 * console.log(name, version); // cpu 4.22.0
 * ```
 *
 * @throws ConfigError when there is none of this name, or its package is not installed; the signal's reason when aborted meanwhile.
 */
export async function openBackend({
  name = nativeBackend,
  onProgress = () => {},
  signal,
  load = (module) => import(module),
}: OpenBackendOptions = {}): Promise<Backend> {
  if (name !== nativeBackend) return openTfjsBackend(name, { onProgress, load });
  const { version, devices } = await registerTensorFlowBackend({
    install: true,
    signal,
    onProgress: (progress) => onProgress(formatProgress(progress)),
  }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
  const names = devices.map(({ name }) => name.replace(/^.*device:/, ''));
  return { name, version, devices: names, gpuMemory: gpuMemoryOf(devices) };
}

type Called<Name extends keyof OpenBackendOptions> = NonNullable<OpenBackendOptions[Name]>;

async function openTfjsBackend(
  name: string,
  { onProgress, load }: { readonly [Name in 'onProgress' | 'load']: Called<Name> },
): Promise<Backend> {
  if (!tf.findBackendFactory(name)) await importBackend(name, load);
  registerGradients();
  registerTrainingKernels(name);
  const started = await tf.setBackend(name);
  if (!started) {
    throw new ConfigError(
      `backend: expected one that starts here, but TensorFlow.js cannot start ${name}. Use another: --backend wasm`,
    );
  }
  const current = tf.backend() as { firstUse?: boolean };
  // It would advise to install tfjs-node.
  if (current.firstUse) current.firstUse = false;
  const measured = slower[name]
    ? ` (ResNet-20-D: about ${slower[name]} times). Until a step is over nothing is printed and Ctrl-C is not heard, so take few images a step (--batch-size 8)`
    : '';
  onProgress(
    `Backend ${name}: steps run op by op, without TensorFlow's library, and many times slower than with it${measured}. What runs so, the page PLATFORMS.md of @bag-of-tricks/libtensorflow says`,
  );
  return { name, version: tf.version_core, devices: [name], gpuMemory: null };
}

async function importBackend(
  name: string,
  load: (module: string) => Promise<unknown>,
): Promise<void> {
  const module = packages[name];
  if (module === undefined) {
    const names = [nativeBackend, ...Object.keys(packages)];
    const registered = Object.keys(tf.engine().registryFactory);
    const near = nearestName(name, [...names, ...registered]);
    throw new ConfigError(
      `backend: expected ${names.join(', ')} or one that was registered by tf.registerBackend, got '${name}'.${near ? ` Did you mean '${near}'?` : ' Import its package before, or in a --plugin'}`,
    );
  }
  try {
    await load(module);
  } catch (cause) {
    const { code, message } = Object(cause) as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(module)) throw cause;
    throw new ConfigError(
      `backend: expected the package ${module} for ${name}, which is not installed. Run: npm install ${module}@${tf.version_core}`,
      { cause },
    );
  }
}
