/** What a library of a wheel exports of the functions that we call, and what it asks for. */
export interface LibraryTable {
  readonly path: string;
  readonly arch: string;
  readonly exports: readonly string[];
  readonly imports: readonly string[];
  readonly needs: string;
}

export interface WheelTable {
  readonly target: string;
  readonly wheel: string;
  readonly sha256: string;
  /** One hash of the headers of the C API. */
  readonly headers: string;
  readonly libraries: readonly LibraryTable[];
}

/** What was read, by `pnpm platforms`. */
export interface Platforms {
  readonly tensorflow: string;
  readonly wheels: readonly WheelTable[];
}

/** The functions that the libraries of a wheel lack. */
export const missing = ({ libraries }: WheelTable, functions: readonly string[]): string[] =>
  functions.filter((name) => !libraries.some(({ exports }) => exports.includes(name)));

const isOfTheSystem = (name: string) =>
  /^(\/usr\/lib\/|\/System\/|lib(pthread|dl|m|rt|c|stdc\+\+|gcc_s)\.so|ld-linux|api-ms-win-crt-)/.test(
    name,
  );

/** PLATFORMS.md */
export function formatPlatforms({ tensorflow, wheels }: Platforms, functions: number): string {
  const isSame = (table: WheelTable) => table.headers === wheels[0]!.headers;
  const rows = wheels.flatMap((table) =>
    table.libraries.map(({ path, arch, exports, imports, needs }) => {
      const others = imports.filter((name) => !isOfTheSystem(name) && !needs.includes(name));
      const name = path.split('/').at(-1)!;
      const cells = [table.target, `\`${name}\``, arch, exports.length, others.join(' '), needs];
      return `| ${cells.join(' | ')} |`;
    }),
  );
  const hashes = wheels.map(
    (table) =>
      `| \`${table.wheel}\` | \`${table.sha256}\` | ${isSame(table) ? 'as on Linux' : 'OTHERS'} |`,
  );
  return `# What TensorFlow's wheels export

Made by \`pnpm platforms\`: pip fetches the wheels of TensorFlow ${tensorflow} for each system, and the tables of the libraries inside are read (ELF, Mach-O, PE).
**Nothing of macOS or Windows was loaded or run.** CI compares the ${functions} functions of the C API that our code calls with this table, and the hashes with
the pins of \`installLibrary\`. [docs/PLATFORMS.md](../../packages/libtensorflow/docs/PLATFORMS.md) says what works where.

| System | Library | CPU | Functions of ours that it exports | Imports beside the system's C and C++ | Asks for |
| --- | --- | --- | ---: | --- | --- |
${rows.join('\n')}

| Wheel | sha256 | Headers of the C API |
| --- | --- | --- |
${hashes.join('\n')}

The headers (prototypes, structs, enumerations, the strings inside tensors) are the same bytes in every wheel, so what the code assumes of them on Linux, where it
runs in CI, holds elsewhere: of C's own types it uses \`int\`, \`float\`, \`size_t\`, those of fixed width and pointers, which have the same sizes in all these
systems, and on x64 and arm64 there is one calling convention a system, which koffi knows.
`;
}
