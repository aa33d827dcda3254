import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Library, readLibrary } from './library.ts';
import type { WheelTable } from './table.ts';

/** A wheel of TensorFlow that `installLibrary` takes, and the libraries in it, the one with the C API last. */
export interface Wheel {
  /** As libtensorflow names it, and its file of pins. */
  readonly target: string;
  readonly distribution: string;
  readonly python: string;
  readonly tag: string;
  readonly libraries: readonly string[];
}

const linux = ['tensorflow/libtensorflow_framework.so.2', 'tensorflow/libtensorflow_cc.so.2'];
const macOS = ['tensorflow/libtensorflow_framework.2.dylib', 'tensorflow/libtensorflow_cc.2.dylib'];
const windows = ['tensorflow/python/_pywrap_tensorflow_common.dll'];
const of = (target: string, tag: string, python: string, libraries: readonly string[]): Wheel => ({
  ...{ target, tag, python, libraries },
  distribution: target === 'linux-x64' ? 'tensorflow-cpu' : 'tensorflow',
});

export const WHEELS: readonly Wheel[] = [
  of('linux-x64', 'manylinux_2_27_x86_64', '3.11', linux),
  of('linux-arm64', 'manylinux_2_27_aarch64', '3.11', linux),
  of('darwin-arm64', 'macosx_12_0_arm64', '3.11', macOS),
  ...['3.10', '3.11', '3.12', '3.13'].map((python) =>
    of('win32-x64', 'win_amd64', python, windows),
  ),
];

/**
 * The prototypes, structs and types of the C API that we call and of the strings inside its tensors: the same file means the same layouts, but
 * for the sizes of C's own types; of these we use only those that are the same in all 64-bit systems (`int`, `size_t`, `intN_t`, pointers).
 */
const HEADERS = [
  ...['c_api.h', 'eager/c_api.h', 'tf_attrtype.h', 'tf_buffer.h', 'tf_datatype.h'],
  ...['tf_status.h', 'tf_tensor.h', 'tf_tstring.h'],
].map((name) => `tensorflow/include/tensorflow/c/${name}`);
const STRINGS = ['ctstring.h', 'ctstring_internal.h'].map(
  (name) => `tensorflow/include/tsl/platform/${name}`,
);

/** Has pip fetch a wheel into `folder`, unless it is there, and reads the tables of its libraries, unpacked into `scratch`, by the names of `functions`. */
export async function readWheel(
  wheel: Wheel,
  version: string,
  functions: readonly string[],
  folder: string,
  scratch: string,
): Promise<WheelTable> {
  const { target, distribution, python, tag, libraries } = wheel;
  const tags = ['--only-binary=:all:', '--implementation=cp', `--platform=${tag}`];
  const what = [`--python-version=${python}`, `--dest=${folder}`, `${distribution}==${version}`];
  pythonRun('-m', 'pip', 'download', '--quiet', '--no-deps', ...tags, ...what);
  const ends = `-cp${python.replace('.', '')}-${tag}.whl`;
  const file = readdirSync(folder).find(
    (name) =>
      name.startsWith(`${distribution.replace('-', '_')}-${version}-`) && name.endsWith(ends),
  );
  if (file === undefined) throw new Error(`readWheel: pip left no ${ends} in ${folder}`);
  const path = join(folder, file);
  const unpack =
    'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])';
  const headers = [...HEADERS, ...STRINGS];
  pythonRun('-c', unpack, path, scratch, ...libraries, ...headers);
  const hash = createHash('sha256');
  for (const header of headers) hash.update(await sha256(join(scratch, header)));
  const tables = libraries.map((name) =>
    tableOf(name, readLibrary(join(scratch, name)), functions),
  );
  return {
    target,
    wheel: file,
    sha256: await sha256(path),
    headers: hash.digest('hex'),
    libraries: tables,
  };
}

function tableOf(path: string, library: Library, functions: readonly string[]) {
  const { arch, imports, needs } = library;
  return { path, arch, imports, needs, exports: functions.filter(library.exports) };
}

function pythonRun(...args: readonly string[]): void {
  execFileSync('python3', args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
