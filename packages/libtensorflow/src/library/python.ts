import { resolve } from 'node:path';
import { type CommandOptions, type CommandResult, runCommand } from './command.ts';
import { LibraryInstallError } from './errors.ts';

/** A Python 3 that has pip. */
export interface Python {
  readonly command: string;
  readonly pythonVersion: string;
  readonly pipVersion: string;
}

/**
 * Runs pip, from an empty folder and without the variables `PYTHON*` (`-E`), so that no `pip.py` of the working directory or of
 * `PYTHONPATH` runs in its place. Not `-I`, which is the same (`-P` is what the empty folder does) but passes over a pip in the user's own
 * site-packages, where `pip install --user --upgrade pip` puts it.
 */
export function runPip(
  python: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return runCommand(python, ['-E', '-m', 'pip', ...args], options);
}

// Older ones do not take several --platform arguments.
const minimumPip = 21;
const names = ['python3', 'python'];
const advice = 'Install Python 3 with pip (Debian, Ubuntu: apt install python3 python3-pip)';
const alternative = 'or set LIBTENSORFLOW_PATH to the folder of an existing libtensorflow_cc.so.2.';

/** Finds a Python 3 with pip on the PATH of `env`; `python` names the only one to try. */
export async function findPython(env: NodeJS.ProcessEnv, python?: string): Promise<Python> {
  const tried: string[] = [];
  let pythonSeen = false;
  for (const command of python === undefined ? names : [fromHere(python)]) {
    try {
      const result = await runPip(command, ['--version'], { env, timeoutMs: 60_000 });
      const match = /^pip (\S+) .*\(python (3\.\d+)\)/m.exec(result.stdout);
      pythonSeen = true;
      if (result.code === 0 && match?.[1] !== undefined && match[2] !== undefined) {
        const [, pipVersion, pythonVersion] = match;
        if (Number.parseInt(pipVersion, 10) >= minimumPip) {
          return { command, pipVersion, pythonVersion };
        }
        tried.push(
          `${command} has pip ${pipVersion}; update it: ${command} -m pip install --upgrade pip`,
        );
        continue;
      }
      const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1);
      tried.push(`${command} -m pip --version: ${said || `exit code ${result.code}`}`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      tried.push(`${command}: ${code === 'ABORT_ERR' ? 'no answer' : (code ?? String(error))}`);
    }
  }
  const missing = pythonSeen
    ? `expected Python 3 with pip ${minimumPip} or newer, found none`
    : 'expected Python 3, found none';
  throw new LibraryInstallError(
    pythonSeen ? 'pip-missing' : 'python-missing',
    `${missing} (tried ${tried.join('; ')}). ${advice}, ${alternative}`,
  );
}

/** A path as it is meant, since pip runs in another folder; a name is looked up on the PATH. */
function fromHere(python: string): string {
  return python.includes('/') ? resolve(python) : python;
}
