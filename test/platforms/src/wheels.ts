import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fetchWheel, sha256Of, type Wheel } from './fetch-wheel.ts';
import { type Library, readLibrary } from './library.ts';
import type { WheelTable } from './table.ts';

/** A wheel for a system, and the libraries in it, the one with the C API last. */
export type SystemWheel = Wheel & { readonly libraries: readonly string[] };

const linux = ['tensorflow/libtensorflow_framework.so.2', 'tensorflow/libtensorflow_cc.so.2'];
const macOS = ['tensorflow/libtensorflow_framework.2.dylib', 'tensorflow/libtensorflow_cc.2.dylib'];
const windows = ['tensorflow/python/_pywrap_tensorflow_common.dll'];
const of = (target: string, tag: string, python: string, libraries: readonly string[]) =>
  ({ target, flavour: 'cpu', tag, python, libraries }) as const;

export const WHEELS: readonly SystemWheel[] = [
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

/** Fetches a wheel as `fetchWheel` does, and reads the tables of its libraries by the names of `functions`. */
export async function readWheel(
  wheel: SystemWheel,
  functions: readonly string[],
  folder: string,
  scratch: string,
): Promise<WheelTable> {
  const { target, libraries } = wheel;
  const headers = [...HEADERS, ...STRINGS];
  const fetched = await fetchWheel(wheel, folder, scratch, [...libraries, ...headers]);
  const hash = createHash('sha256');
  for (const header of headers) hash.update(await sha256Of(join(scratch, header)));
  return {
    target,
    wheel: fetched.name,
    sha256: fetched.sha256,
    headers: hash.digest('hex'),
    libraries: libraries.map((name) => tableOf(name, readLibrary(join(scratch, name)), functions)),
  };
}

function tableOf(path: string, library: Library, functions: readonly string[]) {
  const { arch, imports, needs } = library;
  return { path, arch, imports, needs, exports: functions.filter(library.exports) };
}
