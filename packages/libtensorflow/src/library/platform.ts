import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { koffi } from '../native/koffi.ts';

/** What a library has to be built for. */
export interface Machine {
  /** As `process.platform`. */
  readonly os: string;
  /** As `process.arch`. */
  readonly arch: string;
}

/** What decides whether a prebuilt TensorFlow can run here. */
export interface Platform extends Machine {
  /** Version of the kernel, as `os.release()`. */
  readonly release?: string;
  /** Version of glibc; absent where the C library is another one (musl) or unknown. */
  readonly glibc?: string;
}

/** The machines that TensorFlow's wheels are built for. */
export type LibraryTarget = 'linux-x64' | 'linux-arm64' | 'darwin-arm64' | 'win32-x64';

const supported =
  'This package runs on Linux with glibc 2.27 or newer on x86_64; for aarch64, macOS 12 on Apple CPUs and Windows on x64 it is written, but was never run on such a machine.';
const container = 'Use a Linux machine or container.';
const minimumGlibc = [2, 27] as const;
/** The kernel of macOS 12, for which the wheel is built. */
const minimumDarwin = 21;

export function currentPlatform(): Platform {
  const { platform: os, arch } = process;
  const glibc = os === 'linux' ? glibcVersion() : undefined;
  return { os, arch, release: release(), ...(glibc !== undefined && { glibc }) };
}

/** Of the machines of `target`, where this package was never seen to run; undefined where its tests run (see docs/PLATFORMS.md). */
export const neverRunOn = (target: LibraryTarget): string | undefined =>
  ({
    'linux-x64': undefined,
    'linux-arm64': 'an ARM CPU, only on one that QEMU imitates',
    'darwin-arm64':
      "macOS: that TensorFlow's library there exports what is called was only read in its tables",
    'win32-x64': 'Windows, only under Wine',
  })[target];

export function machineOf(target: LibraryTarget): Machine {
  const [os, arch] = target.split('-') as [string, string];
  return { os, arch };
}

/** The target whose library runs on `platform`, or a sentence saying why none does. */
export function libraryTarget(platform: Platform): LibraryTarget | { unsupported: string } {
  const reason = defectOf(platform);
  return reason === undefined
    ? (`${platform.os}-${platform.arch}` as LibraryTarget)
    : { unsupported: reason };
}

function defectOf(platform: Platform): string | undefined {
  if (platform.os === 'linux') return linuxDefect(platform);
  if (platform.os === 'darwin') return macDefect(platform);
  if (platform.os !== 'win32') return `${platform.os} is not supported. ${supported} ${container}`;
  if (platform.arch === 'x64') return undefined;
  return `TensorFlow has no wheel for Windows on ${platform.arch}. ${supported} Use WSL 2 there.`;
}

function linuxDefect({ arch, glibc }: Platform): string | undefined {
  if (arch !== 'x64' && arch !== 'arm64') {
    return `the architecture ${arch} is not supported. ${supported}`;
  }
  if (glibc === undefined) {
    const libc = existsSync(`/lib/ld-musl-${arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`)
      ? 'this system uses musl (Alpine)'
      : 'this system has no glibc';
    return `${libc}. ${supported} Use a Debian, Ubuntu or Fedora based image.`;
  }
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  const isOld = major < minimumGlibc[0] || (major === minimumGlibc[0] && minor < minimumGlibc[1]);
  return isOld ? `this system has glibc ${glibc}. ${supported}` : undefined;
}

function macDefect({ arch, release = '' }: Platform): string | undefined {
  if (arch !== 'arm64') {
    return (
      'the last TensorFlow with a wheel for Macs with an Intel CPU is 2.16.2, which this package does not install. ' +
      `On a Mac with an Apple CPU use the Node for arm64. ${supported} ${container}`
    );
  }
  if (Number.parseInt(release, 10) >= minimumDarwin) return undefined;
  return `TensorFlow's wheel is for macOS 12 or newer, this is Darwin ${release}. ${supported} ${container}`;
}

function glibcVersion(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const reported = report.header?.glibcVersionRuntime;
  // Deno reports one number on all machines.
  return process.versions.deno ? (askGlibc() ?? reported) : reported;
}

function askGlibc(): string | undefined {
  try {
    return koffi.load(null).func('const char *gnu_get_libc_version()')() as string;
  } catch {
    return undefined;
  }
}
