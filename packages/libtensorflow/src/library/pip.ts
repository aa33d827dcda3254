import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, runCommand } from './command.ts';
import { LibraryInstallError } from './errors.ts';
import type { LibraryTarget } from './platform.ts';
import type { InstallPhase } from './progress.ts';
import type { Python } from './python.ts';
import type { Requirements } from './requirements.ts';
import { wheelTagArguments } from './wheel-tags.ts';

export interface PipInstallOptions {
  readonly python: Python;
  readonly target: LibraryTarget;
  readonly requirements: Requirements;
  /** Where the wheels are unpacked to. */
  readonly site: string;
  /** Where pip keeps what it downloads meanwhile. */
  readonly scratch: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onPhase: (phase: InstallPhase) => void;
}

/** Has pip fetch, check and unpack the pinned wheels; throws a `LibraryInstallError` when it fails. */
export async function pipInstall(options: PipInstallOptions): Promise<void> {
  const { python, target, requirements, site, scratch, env, signal, onPhase } = options;
  await mkdir(scratch, { recursive: true });
  const args = [
    ...['-m', 'pip', 'install', '--no-deps', '--require-hashes', '--no-compile', '--no-input'],
    ...['--disable-pip-version-check', '--progress-bar=off', `--target=${site}`],
    ...wheelTagArguments(target),
    ...['-r', requirements.path],
  ];
  const result = await runCommand(python.command, args, {
    env: {
      ...env,
      // pip unpacks in its temporary folder first: beside the target nothing has to be copied, and
      // a small /tmp is not filled.
      TMPDIR: scratch,
      // Settings that forbid or redirect an installation do not mean this private folder.
      PIP_USER: '0',
      PIP_REQUIRE_VIRTUALENV: '0',
    },
    signal,
    onLine: (line) => {
      if (/^\s*Downloading /.test(line)) onPhase('download');
      if (/^Installing collected packages/.test(line)) onPhase('unpack');
    },
  });
  if (result.code !== 0) throw pipFailure(result, python, requirements);
}

/** The bytes that pip has downloaded into `scratch` so far. */
export async function receivedBytes(scratch: string): Promise<number> {
  let bytes = 0;
  try {
    for (const folder of await readdir(scratch)) {
      if (!folder.startsWith('pip-unpack-')) continue;
      for (const file of await readdir(join(scratch, folder))) {
        bytes += (await stat(join(scratch, folder, file))).size;
      }
    }
  } catch {
    // pip removes its folders when it is done with them, also between two of these calls.
  }
  return bytes;
}

function pipFailure(
  { code, killedBy, stdout, stderr }: CommandResult,
  python: Python,
  requirements: Requirements,
): LibraryInstallError {
  const output = `${stdout}\n${stderr}`;
  const said = stderr.trim().split('\n').slice(-6).join('\n');
  const cause = { cause: new Error(`pip ${python.pipVersion} said:\n${output.trim()}`) };
  const megabytes = Math.round(requirements.downloadBytes / 1e6);
  if (/No space left on device|Errno 28|Disk quota exceeded/.test(output)) {
    const message = `the disk is full: ${said}\nFree some space and try again; nothing was left behind.`;
    return new LibraryInstallError('disk-full', message, cause);
  }
  if (/DO NOT MATCH THE HASHES|Hash mismatch/i.test(output)) {
    return new LibraryInstallError(
      'wrong-hash',
      `expected the wheel whose hash is pinned in ${requirements.path}, got another one; it was not installed:\n${said}\n` +
        'Try again in case the download was damaged ("python3 -m pip cache purge" drops a damaged copy). ' +
        'If it stays, the package index that pip is set up to use serves something else.',
      cause,
    );
  }
  if (
    /ConnectionError|ConnectTimeout|ReadTimeout|NewConnection|Name or service|name resolution|ProxyError|SSLError|Connection (?:refused|reset|broken|aborted)|Network is unreachable|IncompleteRead/i.test(
      output,
    )
  ) {
    return new LibraryInstallError(
      'network',
      `pip could not reach its package index for the ${megabytes} MB to fetch:\n${said}\n` +
        'Check the network and, behind a proxy or a mirror, pip\'s own configuration ("python3 -m pip config list"), then try again.',
      cause,
    );
  }
  if (/No matching distribution|Could not find a version/.test(output)) {
    return new LibraryInstallError(
      'no-matching-wheel',
      `the package index that pip is set up to use does not offer TensorFlow ${requirements.tensorflowVersion}:\n${said}\n` +
        'Add the wheel to your mirror, or look at "python3 -m pip config list".',
      cause,
    );
  }
  const ended = killedBy === null ? `exit code ${code}` : `signal ${killedBy}`;
  return new LibraryInstallError(
    'pip-failed',
    `pip ${python.pipVersion} ended with ${ended}:\n${said}`,
    cause,
  );
}
