import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src/library/faults.c', import.meta.url));

/** What can compile C: the system's compiler, or the one in pip's `ziglang`. */
const compilers = [
  ['cc'],
  ['gcc'],
  ['clang'],
  ['python3', '-m', 'ziglang', 'cc'],
] as const satisfies readonly (readonly string[])[];

/** Compiles the fault library into a temporary folder, which goes with this process, and returns its path; null where nothing here can, or on another system. */
export function compileFaults(): string | null {
  if (process.platform !== 'linux') return null;
  const folder = mkdtempSync(join(tmpdir(), 'faults-library-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, 'faults.so');
  const flags = ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl', '-lpthread'];
  for (const [command, ...first] of compilers) {
    const { status, stderr } = spawnSync(command, [...first, ...flags], { encoding: 'utf8' });
    if (status === 0) return library;
    if (status !== null && command !== 'python3') {
      throw new Error(`${source}: ${command} ended with ${status}: ${stderr}`);
    }
  }
  return null;
}
