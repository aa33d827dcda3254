import { koffi } from './koffi.ts';

/** The C functions by which the standard error output is set aside for a moment. */
export interface Descriptors {
  readonly dup: (descriptor: number) => number;
  readonly dup2: (from: number, to: number) => number;
  readonly memfd_create: (name: string, flags: number) => number;
  readonly flock: (descriptor: number, operation: number) => number;
  /** Not Node's: in a worker thread that warns of descriptors which Node did not open. */
  readonly close: (descriptor: number) => number;
}

export const STDERR = 2;

export function bindDescriptors(libc = koffi.load(null)): Descriptors {
  return {
    dup: libc.func('int dup(int)'),
    dup2: libc.func('int dup2(int, int)'),
    memfd_create: libc.func('int memfd_create(const char *, unsigned int)'),
    flock: libc.func('int flock(int, int)'),
    close: libc.func('int close(int)'),
  };
}
