import { type At, type Library, text } from './library.ts';

/** From mach-o/loader.h and mach/machine.h. */
const ARCH: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };
const LC_LOAD_DYLIB = 0xc;
const LC_CODE_SIGNATURE = 0x1d;
const LC_BUILD_VERSION = 0x32;
const LC_LOAD_WEAK_DYLIB = 0x80000018;
const LC_RPATH = 0x8000001c;
const LC_REEXPORT_DYLIB = 0x8000001f;
const LC_DYLD_INFO_ONLY = 0x80000022;
const LC_DYLD_EXPORTS_TRIE = 0x80000033;

/** Reads the trie of exports, the libraries and what a Mach-O file asks of dyld. */
export function readMachO(at: At): Library {
  const header = at(0, 32);
  const commands = at(32, header.readUInt32LE(20));
  const imports: string[] = [];
  const rpaths: string[] = [];
  let trie: Buffer = Buffer.alloc(0);
  let macOS = 'of any version';
  let signature = 'not signed';
  for (let offset = 0; offset < commands.length; offset += commands.readUInt32LE(offset + 4)) {
    const field = (position: number) => commands.readUInt32LE(offset + position);
    const string = () => text(commands, offset + field(8));
    const command = field(0);
    if ([LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB].includes(command)) {
      imports.push(string());
    }
    if (command === LC_RPATH) rpaths.push(string());
    if (command === LC_CODE_SIGNATURE) signature = 'signed';
    if (command === LC_BUILD_VERSION) macOS = `${field(12) >> 16}.${(field(12) >> 8) & 255}`;
    if (command === LC_DYLD_INFO_ONLY) trie = at(field(40), field(44));
    if (command === LC_DYLD_EXPORTS_TRIE) trie = at(field(8), field(12));
  }
  return {
    arch: ARCH[header.readUInt32LE(4)] ?? 'another',
    // In Mach-O the names of C have an underscore before them.
    exports: (name) => isInTrie(trie, `_${name}`),
    imports,
    needs: `macOS ${macOS}, ${signature}, @rpath: ${rpaths.join(' ') || 'none'}`,
  };
}

/** A node is the size of what it exports, that, the count of its children, and for each the letters to it and its offset. */
function isInTrie(trie: Buffer, name: string): boolean {
  let rest = name;
  for (let node = 0; node < trie.length; ) {
    const [size, content] = uleb(trie, node);
    if (rest === '') return size > 0;
    let [position, next] = [content + size + 1, -1];
    for (let children = trie[content + size]!; children > 0 && next < 0; children--) {
      const letters = text(trie, position);
      const [child, end] = uleb(trie, position + letters.length + 1);
      position = end;
      if (!rest.startsWith(letters)) continue;
      rest = rest.slice(letters.length);
      next = child;
    }
    if (next < 0) return false;
    node = next;
  }
  return false;
}

/** A number of seven bits a byte, the lowest first, and where it ends. */
function uleb(bytes: Buffer, offset: number): [value: number, end: number] {
  let value = 0;
  for (let [end, factor] = [offset, 1]; ; end++, factor *= 128) {
    const byte = bytes[end]!;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, end + 1];
  }
}
