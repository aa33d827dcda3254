const machineNumbers = { x64: 62, arm64: 183 } as const;

/** The bytes of a file that looks like a shared library: a header, and `bodyBytes` behind it. */
export function fakeElf(arch: 'x64' | 'arm64' = 'x64', bodyBytes = 1000): Buffer {
  const sectionBytes = 64;
  const file = Buffer.alloc(64 + bodyBytes + sectionBytes, 7);
  file.fill(0, 0, 64);
  file.write('\x7fELF', 0, 'latin1');
  file[4] = 2;
  file[5] = 1;
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(machineNumbers[arch], 18);
  file.writeBigUInt64LE(BigInt(64 + bodyBytes), 40);
  file.writeUInt16LE(sectionBytes, 58);
  file.writeUInt16LE(1, 60);
  return file;
}
