import { type FileHandle, open } from 'node:fs/promises';
import type { Machine } from './platform.ts';

const archs: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  linux: { 3: 'x86 (32 bit)', 40: 'arm (32 bit)', 62: 'x64', 183: 'arm64', 243: 'riscv64' },
  darwin: { 16777223: 'x64', 16777228: 'arm64' },
  win32: { 332: 'x86 (32 bit)', 34404: 'x64', 43620: 'arm64' },
};
const LC_SEGMENT_64 = 0x19;

/** What the head of a shared library tells without loading it. */
export interface LibraryHeader {
  /** As `process.platform`, by the format: ELF, Mach-O or PE. */
  readonly os: 'linux' | 'darwin' | 'win32';
  /** `x64` and `arm64` as in `process.arch`, another name otherwise. */
  readonly machine: string;
  readonly fileBytes: number;
  /** A whole file is at least this long. */
  readonly expectedBytes: number;
}

/** Reads the header of a shared library; throws when it is none that is little-endian. */
export async function readLibraryHeader(path: string): Promise<LibraryHeader> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = await bytesAt(file, 0, 64);
    const magic = head.length < 20 ? '' : head.toString('hex', 0, 4);
    if (magic === '7f454c46') return elf(head, size);
    if (magic === 'cffaedfe') return machO(head, size, file);
    if (magic.startsWith('4d5a')) return await pe(head, size, file);
    throw new Error(`${path} is no shared library (${size} bytes)`);
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

function header(os: LibraryHeader['os'], arch: number, fileBytes: number, ends: number[]) {
  const machine = archs[os]?.[arch] ?? `another (${arch})`;
  return { os, machine, fileBytes, expectedBytes: Math.max(64, ...ends) };
}

/** The table of sections is at the end. */
function elf(head: Buffer, size: number): LibraryHeader {
  const arch = head.readUInt16LE(18);
  if (head.length < 64 || head[4] !== 2 || head[5] !== 1) return header('linux', arch, size, []);
  const table = head.readUInt16LE(58) * head.readUInt16LE(60);
  return header('linux', arch, size, [Number(head.readBigUInt64LE(40)) + table]);
}

async function machO(head: Buffer, size: number, file: FileHandle): Promise<LibraryHeader> {
  const commands = await bytesAt(file, 32, head.readUInt32LE(20));
  const ends: number[] = [];
  for (let offset = 0; offset + 56 <= commands.length; ) {
    if (commands.readUInt32LE(offset) === LC_SEGMENT_64) {
      ends.push(
        Number(commands.readBigUInt64LE(offset + 40) + commands.readBigUInt64LE(offset + 48)),
      );
    }
    offset += Math.max(8, commands.readUInt32LE(offset + 4));
  }
  return header('darwin', head.readUInt32LE(4), size, ends);
}

async function pe(head: Buffer, size: number, file: FileHandle): Promise<LibraryHeader> {
  const start = head.length < 64 ? 0 : head.readUInt32LE(0x3c);
  const coff = await bytesAt(file, start, 24);
  if (coff.length < 24) return header('win32', 0, size, [start + 24]);
  const sections = start + 24 + coff.readUInt16LE(20);
  const table = await bytesAt(file, sections, 40 * coff.readUInt16LE(6));
  const ends = Array.from(
    { length: Math.floor(table.length / 40) },
    (_, index) => table.readUInt32LE(40 * index + 16) + table.readUInt32LE(40 * index + 20),
  );
  return header('win32', coff.readUInt16LE(4), size, ends);
}

/** Why `path` cannot be loaded by a process of `machine`, or undefined when it can. */
export async function libraryDefect(
  path: string,
  { os, arch }: Machine,
): Promise<string | undefined> {
  let found: LibraryHeader;
  try {
    found = await readLibraryHeader(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${path} does not exist`;
    return error instanceof Error ? error.message : String(error);
  }
  if (found.os !== os) return `${path} is built for ${found.os}, this is ${os}`;
  if (found.machine !== arch) return `${path} is built for ${found.machine}, this is ${arch}`;
  if (found.fileBytes < found.expectedBytes) {
    return `${path} is truncated: ${found.fileBytes} of at least ${found.expectedBytes} bytes`;
  }
  return undefined;
}
