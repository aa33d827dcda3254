import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readElf } from './elf.ts';
import { readMachO } from './mach-o.ts';
import { readPe } from './pe.ts';

/** What the tables of a shared library say; nothing of it is loaded. */
export interface Library {
  /** As `process.arch`. */
  readonly arch: string;
  readonly exports: (name: string) => boolean;
  /** The libraries that it names. */
  readonly imports: readonly string[];
  /** What it takes from a library, where the format tells (PE). */
  readonly namesFrom?: (library: string) => readonly string[];
  /** What else it asks of a system. */
  readonly needs: string;
}

/** Reads `length` bytes of a file from `offset` on. */
export type At = (offset: number, length: number) => Buffer;

/**
 * Reads the tables of a shared library of Linux (ELF), macOS (Mach-O) or Windows (PE), of 64 bits and little endian.
 *
 * @throws if it is none of them.
 */
export function readLibrary(path: string): Library {
  const file = openSync(path, 'r');
  try {
    const bytes = fstatSync(file).size;
    const at: At = (offset, length) => {
      const buffer = Buffer.alloc(Math.min(length, bytes - offset));
      readSync(file, buffer, 0, buffer.length, offset);
      return buffer;
    };
    const magic = at(0, 4).toString('hex');
    if (magic === '7f454c46') return readElf(at);
    if (magic === 'cffaedfe') return readMachO(at);
    if (magic.startsWith('4d5a')) return readPe(at);
    throw new Error(`readLibrary: expected a shared library of 64 bits, got ${path}.`);
  } finally {
    closeSync(file);
  }
}

/** The text from `offset` up to its zero byte. */
export function text(bytes: Buffer, offset = 0): string {
  return bytes.toString('latin1', offset, bytes.indexOf(0, offset));
}
