import { type At, type Library, text } from './library.ts';

/** From winnt.h. */
const ARCH: Readonly<Record<number, string>> = { 34404: 'x64', 43620: 'arm64' };
const LONGEST_NAME = 256;
const MOST_NAMES = 4096;

/** Reads the tables of exports and imports of a PE file of 64 bits. */
export function readPe(at: At): Library {
  const start = at(0x3c, 4).readUInt32LE();
  const header = at(start, 24);
  const optionalBytes = header.readUInt16LE(20);
  const optional = at(start + 24, optionalBytes);
  const sections = at(start + 24 + optionalBytes, 40 * header.readUInt16LE(6));
  /** Where in the file an address in memory is. */
  const place = (address: number) => {
    for (let offset = 0; offset < sections.length; offset += 40) {
      const [from, bytes, file] = [12, 16, 20].map((field) =>
        sections.readUInt32LE(offset + field),
      );
      if (address >= from! && address < from! + bytes!) return address - from! + file!;
    }
    throw new Error(`readPe: expected an address in a section, got ${address}.`);
  };
  const string = (address: number) => text(at(place(address), LONGEST_NAME));
  /** A table, with its address. */
  const directory = (index: number) => {
    const address = optional.readUInt32LE(112 + 8 * index);
    const bytes = optional.readUInt32LE(116 + 8 * index);
    return { address, bytes: bytes === 0 ? Buffer.alloc(0) : at(place(address), bytes) };
  };

  const { address, bytes } = directory(0);
  const exported = new Set<string>();
  const count = bytes.length === 0 ? 0 : bytes.readUInt32LE(24);
  for (let index = 0; index < count; index++) {
    const name = bytes.readUInt32LE(bytes.readUInt32LE(32) - address + 4 * index);
    exported.add(text(bytes, name - address));
  }
  const imported = directory(1).bytes;
  const imports: string[] = [];
  const names = new Map<string, string[]>();
  for (let offset = 0; offset < imported.length; offset += 20) {
    const name = imported.readUInt32LE(offset + 12);
    if (name === 0) continue;
    imports.push(string(name));
    const lookup = at(place(imported.readUInt32LE(offset)), 8 * MOST_NAMES);
    const hints: string[] = [];
    // Before each name is a number of two bytes; an ordinal, which has none, has the highest bit set.
    for (let i = 0; i < lookup.length && lookup.readBigUInt64LE(i) !== 0n; i += 8) {
      if (lookup[i + 7]! < 128) hints.push(string(lookup.readUInt32LE(i) + 2));
    }
    names.set(string(name), hints);
  }
  const redistributable = imports.filter((name) => /^(python\d|msvcp|vcruntime)/i.test(name));
  return {
    arch: ARCH[header.readUInt16LE(4)] ?? 'another',
    exports: (name) => exported.has(name),
    imports,
    namesFrom: (library) => names.get(library) ?? [],
    needs: redistributable.join(', ') || 'nothing but Windows',
  };
}
