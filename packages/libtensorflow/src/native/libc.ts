import koffi from 'koffi';
import { bindDescriptors } from './descriptors.ts';
import { withHeldLog, withoutAllocation, withoutFallback, withoutInformation } from './held-log.ts';

const RTLD_NOW = 0x2;
const RTLD_GLOBAL = 0x100;
/** Without it the process crashes at its end: koffi closes a library before the library's own exit handlers run. */
const RTLD_NODELETE = 0x1000;

/** From glibc's malloc.h. */
const M_TRIM_THRESHOLD = -1;
const M_TOP_PAD = -2;
const M_MMAP_MAX = -4;
const M_ARENA_MAX = -8;

/** The C library of this process. */
export interface Libc {
  /** Loads a library for good; `quiet` holds back what it logs as information while it loads. */
  readonly open: (path: string, options?: { scope?: 'local' | 'global'; quiet?: boolean }) => void;
  /** Sets a variable that native code reads, unless the user has set it. */
  readonly setDefaultEnvironment: (name: string, value: string) => void;
  /** Lets glibc keep the blocks it has freed, where this is glibc. */
  readonly keepFreedMemory: () => void;
  /** Runs `action` without what TensorFlow logs where oneDNN lacks a type. */
  readonly withoutFallbackLog: <T>(action: () => T) => T;
  /** Runs `action` without TensorFlow's warning that an allocation is large. */
  readonly withoutAllocationLog: <T>(action: () => T) => T;
}

/** Binds what we need of the C library that Node itself runs on. */
export function bindLibc(): Libc {
  const process = koffi.load(null);
  const dlopen = process.func('void *dlopen(const char *, int)');
  const dlerror = process.func('const char *dlerror()');
  // Not process.env: in a worker thread that is a copy, which native code never sees.
  const setenv = process.func('int setenv(const char *, const char *, int)');
  const descriptors = bindDescriptors(process);
  const load = (path: string, flags: number) => {
    if (dlopen(path, flags) === null) throw new Error(dlerror() ?? `cannot load ${path}`);
  };
  return {
    open: (path, { scope = 'local', quiet = false } = {}) => {
      const flags = RTLD_NOW | RTLD_NODELETE | (scope === 'global' ? RTLD_GLOBAL : 0);
      if (quiet) withHeldLog(descriptors, withoutInformation, () => load(path, flags));
      else load(path, flags);
    },
    setDefaultEnvironment: (name, value) => {
      setenv(name, value, 0);
    },
    keepFreedMemory: () => {
      const mallopt = findMallopt(process);
      // A training step frees and takes the same big blocks again and again; returning them to the
      // kernel in between costs page faults: 4 to 9 % of a ResNet-50 step.
      mallopt?.(M_MMAP_MAX, 0);
      mallopt?.(M_TRIM_THRESHOLD, 2 ** 31 - 1);
      mallopt?.(M_TOP_PAD, 256 * 2 ** 20);
      mallopt?.(M_ARENA_MAX, 1);
    },
    withoutFallbackLog: (action) => withHeldLog(descriptors, withoutFallback, action),
    withoutAllocationLog: (action) => withHeldLog(descriptors, withoutAllocation, action),
  };
}

function findMallopt(
  library: ReturnType<typeof koffi.load>,
): ((option: number, value: number) => number) | undefined {
  try {
    return library.func('int mallopt(int, int)');
  } catch {
    return undefined;
  }
}
