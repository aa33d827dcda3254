import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipFailure } from './pip-failure.ts';
import type { LibraryTarget } from './platform.ts';
import type { InstallPhase } from './progress.ts';
import { type Python, runPip } from './python.ts';
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
  await mkdir(site, { recursive: true });
  const args = [
    ...['install', '--no-deps', '--require-hashes', '--no-compile', '--no-input'],
    ...['--disable-pip-version-check', '--progress-bar=off', `--target=${site}`],
    // TensorFlow asks for a newer Python than this one may be; nothing of it is run.
    '--ignore-requires-python',
    ...wheelTagArguments(target, python.pythonVersion),
    ...['-r', requirements.path],
  ];
  const result = await runPip(python.command, args, {
    env: {
      ...env,
      // pip unpacks in its temporary folder first.
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
