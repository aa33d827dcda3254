import type { LibraryTarget } from './platform.ts';

const wheelArch = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' } as const;

/**
 * The arguments that make any pip choose the same wheels, whatever Python it runs under. The C library
 * inside is the same for every Python; 3.11 is one that TensorFlow builds for.
 * Each manylinux level is written out because older pips do not derive the lower ones.
 */
export function wheelTagArguments(target: LibraryTarget): string[] {
  const arch = wheelArch[target];
  const levels = Array.from({ length: 27 - 17 + 1 }, (_, index) => `manylinux_2_${27 - index}`);
  return [
    '--only-binary=:all:',
    '--python-version=311',
    '--implementation=cp',
    ...[...levels, 'manylinux2014'].map((level) => `--platform=${level}_${arch}`),
  ];
}
