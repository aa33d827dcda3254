import { open } from 'node:fs/promises';

const headerBytes = 64;
const machines: Readonly<Record<number, string>> = {
  3: 'x86 (32 bit)',
  40: 'arm (32 bit)',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};

/** What the head of a shared library tells without loading it. */
export interface ElfHeader {
  /** `x64` and `arm64` as in `process.arch`, another name otherwise. */
  readonly machine: string;
  readonly fileBytes: number;
  /** Where the section table ends: a whole file is at least this long. */
  readonly expectedBytes: number;
}

/** Reads the ELF header of `path`; throws when it is no 64-bit little-endian ELF file. */
export async function readElfHeader(path: string): Promise<ElfHeader> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    const { size } = await file.stat();
    const isElf = bytesRead >= 20 && buffer.readUInt32BE(0) === 0x7f454c46;
    if (!isElf) throw new Error(`${path} is not a Linux shared library (${size} bytes)`);
    const machine = buffer.readUInt16LE(18);
    if (bytesRead < headerBytes || buffer[4] !== 2 || buffer[5] !== 1) {
      return { machine: machines[machine] ?? `ELF ${machine}`, fileBytes: size, expectedBytes: 64 };
    }
    const sectionTable = Number(buffer.readBigUInt64LE(40));
    const sectionBytes = buffer.readUInt16LE(58) * buffer.readUInt16LE(60);
    return {
      machine: machines[machine] ?? `ELF machine ${machine}`,
      fileBytes: size,
      expectedBytes: Math.max(headerBytes, sectionTable + sectionBytes),
    };
  } finally {
    await file.close();
  }
}

/** Why `path` cannot be loaded by a process of architecture `arch`, or undefined when it can. */
export async function libraryDefect(path: string, arch: string): Promise<string | undefined> {
  let header: ElfHeader;
  try {
    header = await readElfHeader(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${path} does not exist`;
    return error instanceof Error ? error.message : String(error);
  }
  if (header.machine !== arch) return `${path} is built for ${header.machine}, this is ${arch}`;
  if (header.fileBytes < header.expectedBytes) {
    return `${path} is truncated: ${header.fileBytes} of at least ${header.expectedBytes} bytes`;
  }
  return undefined;
}
