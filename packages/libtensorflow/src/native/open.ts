import { bindApi, type TensorFlowApi } from './api.ts';
import { requireAvx } from './cpu.ts';
import { defaultReserve, reserveHugePages } from './huge-pages.ts';
import { koffi } from './koffi.ts';
import { bindLibc } from './libc.ts';
import { loadAdvice } from './load-advice.ts';

/** The files to load, as `findLibrary` returns them. */
export interface LibraryFiles {
  readonly corePath: string;
  readonly frameworkPath: string;
  /** CUDA's libraries, which TensorFlow's own search path does not reach. */
  readonly preload: readonly string[];
}

export interface OpenOptions {
  /** Lets glibc keep freed memory, for the whole process. Default: `true`. */
  readonly keepFreedMemory?: boolean;
  /** Reserves a sixteenth of the memory's addresses for activations and asks Linux for pages of 2 MiB there. Default: `true`. */
  readonly hugePages?: boolean;
}

/** TensorFlow's C library, loaded into this process. */
export interface TensorFlowLibrary {
  readonly path: string;
  /** What `TF_Version()` returns, such as `2.21.0`. */
  readonly version: string;
  readonly api: TensorFlowApi;
}

let opened: TensorFlowLibrary | undefined;

/**
 * Loads TensorFlow's C library and binds its functions. A process holds one: a second call for the
 * same file returns the same object.
 *
 * Sets, unless the user has set them, `TF_ENABLE_ONEDNN_OPTS=1` (off by default on CPUs without
 * AVX-512 and worth 1.5 to 2 times there), `TF_FORCE_GPU_ALLOW_GROWTH=true` and `TF_CPP_MIN_LOG_LEVEL=1`.
 *
 * @throws if the file cannot be loaded, with the loader's own reason, or if another one is loaded already.
 */
export function openTensorFlow(
  files: LibraryFiles,
  { keepFreedMemory = true, hugePages = true }: OpenOptions = {},
): TensorFlowLibrary {
  if (opened !== undefined) {
    if (opened.path === files.corePath) return opened;
    throw new Error(
      `openTensorFlow: expected one TensorFlow a process, got ${files.corePath} after ${opened.path}. ` +
        'Use the one that is loaded, or start another process.',
    );
  }
  requireAvx();
  const libc = bindLibc();
  // TensorFlow reads these once, while it loads.
  libc.setDefaultEnvironment('TF_ENABLE_ONEDNN_OPTS', '1');
  libc.setDefaultEnvironment('TF_FORCE_GPU_ALLOW_GROWTH', 'true');
  libc.setDefaultEnvironment('TF_CPP_MIN_LOG_LEVEL', '1');
  if (keepFreedMemory) libc.keepFreedMemory();
  let api: TensorFlowApi;
  try {
    for (const path of files.preload) libc.open(path, { scope: 'global' });
    // The framework library first: the core library names it without a path.
    libc.open(files.frameworkPath, { quiet: process.env.TF_CPP_MIN_LOG_LEVEL !== '0' });
    libc.open(files.corePath);
    api = bindApi(koffi.load(files.corePath), libc.library);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `openTensorFlow: expected TensorFlow's C library at ${files.corePath}, but it does not load: ${reason}. ` +
        loadAdvice(
          process.platform,
          'Remove it and install it again, or set LIBTENSORFLOW_PATH to another.',
        ),
      { cause },
    );
  }
  if (hugePages) libc.withoutAllocationLog(() => reserveHugePages(api, defaultReserve()));
  opened = { path: files.corePath, version: api.TF_Version(), api };
  return opened;
}
