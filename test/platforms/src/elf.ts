import { type At, type Library, text } from './library.ts';

/** From elf.h. */
const ARCH: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };
const SHT_DYNAMIC = 6;
const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6ffffffe;
const DT_NEEDED = 1;
/** `_Z` */
const MANGLED = 0x5f5a;

/** Reads the dynamic symbols, the libraries and the newest glibc that an ELF file asks for. */
export function readElf(at: At): Library {
  const header = at(0, 64);
  const size = header.readUInt16LE(58);
  const table = at(Number(header.readBigUInt64LE(40)), size * header.readUInt16LE(60));
  const section = (index: number) => {
    const entry = table.subarray(index * size, (index + 1) * size);
    const bytes = at(Number(entry.readBigUInt64LE(24)), Number(entry.readBigUInt64LE(32)));
    return { bytes, strings: entry.readUInt32LE(40) };
  };
  const ofType = (type: number) => {
    for (let index = 0; index * size < table.length; index++) {
      if (table.readUInt32LE(index * size + 4) !== type) continue;
      const { bytes, strings } = section(index);
      return { bytes, strings: section(strings).bytes };
    }
    return { bytes: Buffer.alloc(0), strings: Buffer.alloc(1) };
  };

  const symbols = ofType(SHT_DYNSYM);
  const exported = new Set<string>();
  for (let offset = 0; offset < symbols.bytes.length; offset += 24) {
    const name = symbols.bytes.readUInt32LE(offset);
    const isDefined = symbols.bytes.readUInt16LE(offset + 6) !== 0;
    // Not the mangled names of C++, hundreds of thousands.
    if (isDefined && symbols.strings.readUInt16BE(name) !== MANGLED) {
      exported.add(text(symbols.strings, name));
    }
  }
  const dynamic = ofType(SHT_DYNAMIC);
  const imports: string[] = [];
  for (let offset = 0; offset < dynamic.bytes.length; offset += 16) {
    if (dynamic.bytes.readBigUInt64LE(offset) !== BigInt(DT_NEEDED)) continue;
    imports.push(text(dynamic.strings, Number(dynamic.bytes.readBigUInt64LE(offset + 8))));
  }
  // All strings of the dynamic table, of which the versions are a part.
  const versions = ofType(SHT_GNU_VERNEED).strings.toString('latin1');
  const minors = [...versions.matchAll(/\0GLIBC_2\.(\d+)(?=[.\0])/g)].map(([, minor]) => +minor!);
  return {
    arch: ARCH[header.readUInt16LE(18)] ?? 'another',
    exports: (name) => exported.has(name),
    imports,
    needs: `glibc 2.${Math.max(...minors)}`,
  };
}
