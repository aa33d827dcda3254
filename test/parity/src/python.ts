import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path in this package. */
export const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A Python with what a file of python/ names: `PARITY_PYTHON`, or one that is made in the temporary folder. */
export function findPython(requirements = 'requirements.txt'): string {
  if (process.env.PARITY_PYTHON) return process.env.PARITY_PYTHON;
  const folder = join(tmpdir(), `bag-of-tricks-parity-${parse(requirements).name}`);
  const python = join(folder, 'bin', 'python');
  if (!existsSync(python)) {
    const inherit = { stdio: 'inherit' } as const;
    execFileSync('python3', ['-m', 'venv', folder], inherit);
    execFileSync(python, ['-m', 'pip', 'install', '-r', here(`python/${requirements}`)], inherit);
  }
  return python;
}
