import * as tf from '@tensorflow/tfjs-core';
import { registerFileHandlers } from '../files/register-file-handlers.ts';
import { findLibrary } from '../library/find.ts';
import type { InstallProgress } from '../library/progress.ts';
import type { TensorFlowApi } from '../native/api.ts';
import type { ThreadOptions } from '../native/config-proto.ts';
import type { Device } from '../native/devices.ts';
import { openTensorFlow } from '../native/open.ts';
import type { EagerBinding } from './eager-binding.ts';
import { registerGradients } from './gradients/register-gradients.ts';
import { registerLeanGradients, registerLeanKernels } from './lean.ts';
import { Serving } from './serving.ts';
import { loadVendor } from './vendor.ts';

export interface RegisterOptions extends ThreadOptions {
  /** The library, or its folder. Default: what `findLibrary` finds. */
  readonly libraryPath?: string;
  /** Let pip install the library where none is found. Default: `false`. */
  readonly install?: boolean;
  /** Called while pip installs; see `formatProgress`. */
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Ends such an installation, and leaves the cache as it was. */
  readonly signal?: AbortSignal | undefined;
  /** Tell glibc to keep freed memory, for the whole process: 4 to 9 % of a ResNet-50 step. Default: `true`. */
  readonly keepFreedMemory?: boolean;
  /** Reserve a sixteenth of the memory's addresses for activations and ask Linux for pages of 2 MiB there. Default: `true`. */
  readonly hugePages?: boolean;
}

/** The registered backend. */
export interface TensorFlowBackend {
  /** The library with the C API. */
  readonly libraryPath: string;
  /** Its functions, as the C header has them. */
  readonly api: TensorFlowApi;
  /** TensorFlow's own version. */
  readonly version: string;
  readonly devices: readonly Device[];
  /** What tfjs-node's kernels run on now: a new one after `tf.engine().reset()`. A graph or an autocast decorates it. */
  readonly binding: EagerBinding;
  /** Tensors that TensorFlow holds for us at the moment. */
  readonly nativeHandleCount: () => number;
}

const backendName = 'tensorflow';
/** Above tfjs's own backends (cpu 1, webgl 2), as tfjs-node's. */
const priority = 3;

let registered: { readonly backend: TensorFlowBackend; readonly serving: Serving } | undefined;
let registering: Promise<TensorFlowBackend> | undefined;
let hasKernels = false;

/**
 * Makes TensorFlow's C library the current TensorFlow.js backend, under the name `tensorflow`, with
 * kernels, gradients and `file://` addresses of models. A second call returns the same backend and makes it current again.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs-core';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 *
 * const { version } = await registerTensorFlowBackend();
 * tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).print();
 *
 * @throws LibraryNotFoundError - naming each place that was looked at, and what to do; Error - if
 * another package has registered a backend of this name, or the library cannot be loaded.
 */
export async function registerTensorFlowBackend(
  options: RegisterOptions = {},
): Promise<TensorFlowBackend> {
  registering ??= register(options).finally(() => {
    registering = undefined;
  });
  const backend = await registering;
  // Not only once: importing @tensorflow/tfjs later registers the stock gradients anew.
  registerLeanGradients();
  await tf.setBackend(backendName);
  return backend;
}

async function register(options: RegisterOptions): Promise<TensorFlowBackend> {
  const current = tf.findBackend(backendName);
  if (registered !== undefined && current === registered.serving.kernels) return registered.backend;
  if (current !== null || (!hasKernels && tf.getKernelsForBackend(backendName).length > 0)) {
    throw new Error(
      "registerTensorFlowBackend: expected no backend 'tensorflow' yet, but tfjs-node or tfjs-node-gpu is loaded. " +
        'Remove its import: this package takes its place.',
    );
  }
  const {
    libraryPath,
    install = false,
    onProgress,
    signal,
    keepFreedMemory = true,
    hugePages = true,
  } = options;
  const location = await findLibrary({
    ...(libraryPath !== undefined && {
      env: { ...process.env, LIBTENSORFLOW_PATH: libraryPath },
    }),
    install: install && { signal, ...(onProgress !== undefined && { onProgress }) },
  });
  const library = openTensorFlow(location, { keepFreedMemory, hugePages });
  const vendor = loadVendor();
  const serving = new Serving(library, options);
  tf.registerBackend(backendName, () => serving.revive(), priority);
  if (!hasKernels) {
    vendor.registerKernels();
    registerLeanKernels();
    registerFileHandlers();
    registerGradients();
    hasKernels = true;
  }
  const backend: TensorFlowBackend = {
    libraryPath: location.corePath,
    api: library.api,
    version: library.version,
    devices: serving.binding.devices,
    get binding() {
      return serving.binding;
    },
    nativeHandleCount: () => serving.binding.getNumOfTensors(),
  };
  registered = { backend, serving };
  return backend;
}
