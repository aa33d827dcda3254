import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from './command.ts';
import { LibraryInstallError } from './errors.ts';
import { libraryDefect } from './library-header.ts';
import type { LibraryTarget, Machine } from './platform.ts';
import type { Python } from './python.ts';
import { isBoundToPython, WINDOWS_PYTHONS } from './wheel-tags.ts';

/** Python knows its own DLL: `sys.dllhandle`. */
const WHERE = `import ctypes, sys
path = ctypes.create_unicode_buffer(32768)
ctypes.windll.kernel32.GetModuleFileNameW(ctypes.c_void_p(sys.dllhandle), path, 32768)
print(path.value)`;

const isPythonLibrary = (name: string) => /^(vcruntime140(_1)?|python3\d+)\.dll$/i.test(name);

/** The libraries of Python beside TensorFlow's on Windows, each after what it needs itself. */
export async function pythonLibraries(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter(isPythonLibrary);
  const isPython = (name: string) => Number(/^python/i.test(name));
  return names.sort((a, b) => isPython(a) - isPython(b)).map((name) => join(directory, name));
}

/** Refuses a Python for which TensorFlow has no wheel, where its library is linked to that Python. */
export function requirePython(target: LibraryTarget, { command, pythonVersion }: Python): void {
  if (!isBoundToPython(target) || WINDOWS_PYTHONS.includes(pythonVersion)) return;
  throw new LibraryInstallError(
    'no-matching-wheel',
    `expected Python ${WINDOWS_PYTHONS.join(', ')}, for which TensorFlow has a wheel on Windows, got ${command} ${pythonVersion}. ` +
      'Install one of these (winget install Python.Python.3.12), and put it first on the PATH.',
  );
}

/**
 * Copies the DLL of Python, to which TensorFlow's is linked, and the C runtime beside it, into `folder`/tensorflow/python: so the library
 * stays whole when that Python goes. Returns the paths below `folder`.
 */
export async function copyPythonLibraries(
  { command, pythonVersion }: Python,
  { env, folder, machine }: { env: NodeJS.ProcessEnv; folder: string; machine: Machine },
): Promise<string[]> {
  const { stdout, stderr } = await runCommand(command, ['-E', '-c', WHERE], { env });
  const source = dirname(stdout.trim());
  const wanted = `python${pythonVersion.replace('.', '')}.dll`;
  const names = stdout.trim() === '' ? [] : (await readdir(source)).filter(isPythonLibrary);
  const own = names.find((name) => name.toLowerCase() === wanted);
  if (own === undefined) {
    const said = stderr.trim().split('\n').at(-1);
    const message = `expected ${wanted} where ${command} is, got ${said || `none in ${source}`}. Install Python from python.org or by winget.`;
    throw new LibraryInstallError('python-missing', message);
  }
  // A Python of 32 bits has the same version and the same names.
  const defect = await libraryDefect(join(source, own), machine);
  if (defect !== undefined) {
    const message = `expected a Python for ${machine.arch}, got ${command}: ${defect}. Install that one (winget install Python.Python.3.12), and put it first on the PATH.`;
    throw new LibraryInstallError('python-missing', message);
  }
  const paths = names.map((name) => `tensorflow/python/${name}`);
  await mkdir(join(folder, 'tensorflow/python'), { recursive: true });
  for (const [index, name] of names.entries()) {
    await copyFile(join(source, name), join(folder, paths[index]!));
  }
  return paths;
}
