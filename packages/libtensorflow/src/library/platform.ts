import { existsSync } from 'node:fs';

/** What decides whether a prebuilt TensorFlow can run here. */
export interface Platform {
  /** As `process.platform`. */
  readonly os: string;
  /** As `process.arch`. */
  readonly arch: string;
  /** Version of glibc; absent where the C library is another one (musl) or unknown. */
  readonly glibc?: string;
}

/** The machines that TensorFlow's wheels are built for. */
export type LibraryTarget = 'linux-x64' | 'linux-arm64';

const supported = 'This package runs on Linux with glibc 2.27 or newer, on x86_64 and aarch64.';
/** Read from the symbol tables of those wheels. */
const untried =
  "TensorFlow's wheels there hold a library that exports all that is called, but it was not tried.";
const minimumGlibc = [2, 27] as const;

export function currentPlatform(): Platform {
  const { platform: os, arch } = process;
  const glibc = os === 'linux' ? glibcVersion() : undefined;
  return glibc === undefined ? { os, arch } : { os, arch, glibc };
}

/** The target whose library runs on `platform`, or a sentence saying why none does. */
export function libraryTarget(platform: Platform): LibraryTarget | { unsupported: string } {
  const { os, arch, glibc } = platform;
  if (os !== 'linux') {
    const name = os === 'darwin' ? 'macOS' : os === 'win32' ? 'Windows' : os;
    const hint = os === 'win32' ? ' Use WSL 2 there.' : ' Use a Linux machine or container.';
    const why = os === 'darwin' || os === 'win32' ? ` ${untried}` : '';
    return { unsupported: `${name} is not supported.${why} ${supported}${hint}` };
  }
  if (arch !== 'x64' && arch !== 'arm64') {
    return { unsupported: `the architecture ${arch} is not supported. ${supported}` };
  }
  if (glibc === undefined) {
    const libc = existsSync(`/lib/ld-musl-${arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`)
      ? 'this system uses musl (Alpine)'
      : 'this system has no glibc';
    return { unsupported: `${libc}. ${supported} Use a Debian, Ubuntu or Fedora based image.` };
  }
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major < minimumGlibc[0] || (major === minimumGlibc[0] && minor < minimumGlibc[1])) {
    return { unsupported: `this system has glibc ${glibc}. ${supported}` };
  }
  return `linux-${arch}`;
}

function glibcVersion(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}
