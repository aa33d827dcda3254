import { basename, resolve } from 'node:path';
import { type CommandOptions, type CommandResult, runCommand } from './command.ts';
import { LibraryInstallError } from './errors.ts';
import { libraryNames } from './library-names.ts';

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

/** The commands that may be Python 3, and how it is installed; on Windows `python3` is often only a door to the Store. */
export function pythonOf(os: string): { names: readonly string[]; advice: string } {
  if (os === 'win32') {
    return { names: ['python', 'py', 'python3'], advice: 'winget install Python.Python.3.12' };
  }
  const debian = 'Debian, Ubuntu: apt install python3 python3-pip';
  const advice = os === 'darwin' ? 'macOS: xcode-select --install' : debian;
  return { names: ['python3', 'python'], advice };
}

/** Finds a Python 3 with pip on the PATH of `env`; `python` names the only one to try. */
export async function findPython(
  env: NodeJS.ProcessEnv,
  python?: string,
  os: string = process.platform,
): Promise<Python> {
  const { names, advice } = pythonOf(os);
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
    `${missing} (tried ${tried.join('; ')}). Install Python 3 with pip (${advice}), ` +
      `or set LIBTENSORFLOW_PATH to the folder of an existing ${libraryNames(os).core[0]}.`,
  );
}

/** A path as it is meant, since pip runs in another folder; a name is looked up on the PATH. */
function fromHere(python: string): string {
  return basename(python) === python ? python : resolve(python);
}
