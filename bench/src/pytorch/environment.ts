import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import { runLoud } from '../contestants/run-loud.ts';

const requirements = fileURLToPath(new URL('../../python/requirements.txt', import.meta.url));

const advice =
  'The comparison needs Python 3 with venv and pip; or name a Python that has PyTorch in BENCH_PYTHON.';

/**
 * The Python that has PyTorch: the one that `BENCH_PYTHON` names, or a virtual environment in the user's cache, made on
 * first use by the `python3` on the PATH. PyTorch is a download of some gigabytes, because pip's Linux wheel brings CUDA.
 *
 * @throws Error when Python or pip fails; what was half made is made anew the next time.
 */
export async function findPython(
  report: (text: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  if (env.BENCH_PYTHON !== undefined && env.BENCH_PYTHON !== '') return env.BENCH_PYTHON;
  const wanted = await readFile(requirements, 'utf8');
  const folder = environmentFolder(wanted, env);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return python;
  report(`installing PyTorch into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await runLoud('python3', ['-m', 'venv', folder], advice);
  await runLoud(python, ['-m', 'pip', 'install', '--no-input', '-r', requirements], advice);
  await writeFile(stamp, wanted);
  return python;
}

/** The Python that has PyTorch already, or null: the one that `BENCH_PYTHON` names, that of an earlier comparison, or the one on the PATH. */
export async function findInstalledPython(
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  const made = join(environmentFolder(await readFile(requirements, 'utf8'), env), 'bin', 'python');
  for (const python of [env.BENCH_PYTHON, made, 'python3']) {
    if (!python) continue;
    const found = await promisify(execFile)(python, ['-c', 'import timm, torch']).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  return null;
}

/** Another folder for other requirements. */
export function environmentFolder(wanted: string, env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return join(cacheRoot(env), `bench-pytorch-${hash}`);
}
