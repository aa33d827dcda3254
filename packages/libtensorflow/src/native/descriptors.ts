import { koffi } from './koffi.ts';

/**
 * The C functions by which the standard error output is set aside for a moment. Not Node's: Deno's know no descriptor that they did not open, and in
 * a worker thread Node's `close` warns of one.
 */
export interface Descriptors {
  readonly open: (path: string, flags: number) => number;
  readonly dup: (descriptor: number) => number;
  readonly dup2: (from: number, to: number) => number;
  readonly memfd_create: (name: string, flags: number) => number;
  readonly flock: (descriptor: number, operation: number) => number;
  readonly lseek: (descriptor: number, offset: number, from: number) => number;
  readonly pread: (descriptor: number, bytes: Uint8Array, length: number, offset: number) => number;
  readonly ftruncate: (descriptor: number, length: number) => number;
  readonly close: (descriptor: number) => number;
}

export const STDERR = 2;
/** From Linux's fcntl.h and unistd.h. */
export const O_RDONLY = 0;
export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;

export function bindDescriptors(libc = koffi.load(null)): Descriptors {
  return {
    open: libc.func('int open(const char *, int)'),
    dup: libc.func('int dup(int)'),
    dup2: libc.func('int dup2(int, int)'),
    memfd_create: libc.func('int memfd_create(const char *, unsigned int)'),
    flock: libc.func('int flock(int, int)'),
    lseek: libc.func('int64_t lseek(int, int64_t, int)'),
    pread: libc.func('int64_t pread(int, void *, size_t, int64_t)'),
    ftruncate: libc.func('int ftruncate(int, int64_t)'),
    close: libc.func('int close(int)'),
  };
}

/** The first `length` bytes of a file, as text. */
export function readText({ pread }: Descriptors, descriptor: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const read = pread(descriptor, bytes, length, 0);
  return bytes.toString('utf8', 0, Math.max(0, read));
}
