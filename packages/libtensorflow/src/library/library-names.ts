/** What TensorFlow's libraries are called on a system. */
export interface LibraryNames {
  /** The folder in a wheel. */
  readonly folder: string;
  /** The library with the C API: a wheel has the first name, TensorFlow's own C archive and tfjs-node have the second. */
  readonly core: readonly string[];
  /** The library that the core one names; on Windows all is in one. */
  readonly framework: string;
}

const windows = '_pywrap_tensorflow_common.dll';

/** The names on `os`, as `process.platform` calls it. */
export function libraryNames(os: string): LibraryNames {
  if (os === 'win32') return { folder: 'tensorflow/python', core: [windows], framework: windows };
  const extension = os === 'darwin' ? '2.dylib' : 'so.2';
  return {
    folder: 'tensorflow',
    core: [`libtensorflow_cc.${extension}`, `libtensorflow.${extension}`],
    framework: `libtensorflow_framework.${extension}`,
  };
}
