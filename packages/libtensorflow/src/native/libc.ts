import type { LibraryHandle } from 'koffi';
import { bindDescriptors } from './descriptors.ts';
import { withHeldLog, withoutAllocation, withoutFallback, withoutInformation } from './held-log.ts';
import { koffi } from './koffi.ts';
import { bindWindows } from './windows.ts';

/**
 * From dlfcn.h of glibc and of macOS. Without NODELETE the process crashes at its end: koffi closes a library before the library's own exit
 * handlers run.
 */
const RTLD = {
  linux: { NOW: 0x2, LOCAL: 0, GLOBAL: 0x100, NODELETE: 0x1000 },
  darwin: { NOW: 0x2, LOCAL: 0x4, GLOBAL: 0x8, NODELETE: 0x80 },
};

/** From glibc's malloc.h. */
const M_TRIM_THRESHOLD = -1;
const M_TOP_PAD = -2;
const M_MMAP_MAX = -4;
const M_ARENA_MAX = -8;

/** The C library of this process. */
export interface Libc {
  /** Where its functions are. */
  readonly library: LibraryHandle;
  /** Loads a library for good; `quiet` holds back what it logs as information while it loads, on Linux. */
  readonly open: (path: string, options?: { scope?: 'local' | 'global'; quiet?: boolean }) => void;
  /** Sets a variable that native code reads, unless the user has set it. */
  readonly setDefaultEnvironment: (name: string, value: string) => void;
  /** Lets glibc keep the blocks it has freed, where this is glibc. */
  readonly keepFreedMemory: () => void;
  /** Runs `action` without what TensorFlow logs where oneDNN lacks a type; with it elsewhere than on Linux. */
  readonly withoutFallbackLog: <T>(action: () => T) => T;
  /** Runs `action` without TensorFlow's warning that an allocation is large; with it elsewhere than on Linux. */
  readonly withoutAllocationLog: <T>(action: () => T) => T;
}

/** Binds what we need of the C library on `os`: of the one that Node itself runs on, and on Windows of the one that DLLs share. */
export function bindLibc(os: string = process.platform, load = koffi.load): Libc {
  if (os === 'win32') return bindWindows(load);
  const process = load(null);
  const dlopen = process.func('void *dlopen(const char *, int)');
  const dlerror = process.func('const char *dlerror()');
  // Not process.env: in a worker thread that is a copy, which native code never sees.
  const setenv = process.func('int setenv(const char *, const char *, int)');
  const hold = os === 'linux' ? heldLog(process) : withWholeLog;
  return {
    library: process,
    open: (path, { scope = 'local', quiet = false } = {}) => {
      const open = () => {
        const handle = dlopen(path, openFlags(os, scope));
        if (handle === null) throw new Error(dlerror() ?? `cannot load ${path}`);
      };
      if (quiet) hold(withoutInformation, open);
      else open();
    },
    setDefaultEnvironment: (name, value) => {
      setenv(name, value, 0);
    },
    keepFreedMemory: () => {
      if (os === 'linux') keepFreedMemory(process);
    },
    withoutFallbackLog: (action) => hold(withoutFallback, action),
    withoutAllocationLog: (action) => hold(withoutAllocation, action),
  };
}

/** How `dlopen` opens a library for good on `os`. */
export function openFlags(os: string, scope: 'local' | 'global'): number {
  const { NOW, LOCAL, GLOBAL, NODELETE } = os === 'darwin' ? RTLD.darwin : RTLD.linux;
  return NOW | NODELETE | (scope === 'global' ? GLOBAL : LOCAL);
}

type Hold = <T>(select: (log: string) => string, action: () => T) => T;

const withWholeLog: Hold = (_, action) => action();

function heldLog(process: LibraryHandle): Hold {
  const descriptors = bindDescriptors(process);
  return (select, action) => withHeldLog(descriptors, select, action);
}

function keepFreedMemory(process: LibraryHandle): void {
  let mallopt: (option: number, value: number) => number;
  try {
    mallopt = process.func('int mallopt(int, int)');
  } catch {
    return;
  }
  // A training step frees and takes the same big blocks again and again; returning them to the
  // kernel in between costs page faults: 4 to 9 % of a ResNet-50 step.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 2 ** 31 - 1);
  mallopt(M_TOP_PAD, 256 * 2 ** 20);
  mallopt(M_ARENA_MAX, 1);
}
