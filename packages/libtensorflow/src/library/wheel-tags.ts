import type { LibraryTarget } from './platform.ts';

/** One that TensorFlow builds for; what is inside of a wheel is the same library for each Python, but on Windows. */
const ANY_PYTHON = '3.11';

/** Those for which TensorFlow has wheels on Windows, each with a library of its own. */
export const WINDOWS_PYTHONS: readonly string[] = ['3.10', '3.11', '3.12', '3.13'];

/** Whether the library of `target` is linked to a Python, and so must be that of the Python which is there. */
export const isBoundToPython = (target: LibraryTarget): boolean => target === 'win32-x64';

/**
 * The arguments that make any pip choose the same wheels, whatever Python it runs under; but on Windows, where the library is linked to
 * the DLL of `pythonVersion`, such as `3.12`.
 */
export function wheelTagArguments(target: LibraryTarget, pythonVersion = ANY_PYTHON): string[] {
  return [
    '--only-binary=:all:',
    `--python-version=${isBoundToPython(target) ? pythonVersion : ANY_PYTHON}`,
    '--implementation=cp',
    ...platformTags(target).map((tag) => `--platform=${tag}`),
  ];
}

function platformTags(target: LibraryTarget): string[] {
  if (target === 'darwin-arm64') return ['macosx_12_0_arm64'];
  if (target === 'win32-x64') return ['win_amd64'];
  const arch = target === 'linux-x64' ? 'x86_64' : 'aarch64';
  // Each level is written out because older pips do not derive the lower ones.
  const levels = Array.from({ length: 27 - 17 + 1 }, (_, index) => `manylinux_2_${27 - index}`);
  return [...levels, 'manylinux2014'].map((level) => `${level}_${arch}`);
}
