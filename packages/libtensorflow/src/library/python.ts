import { runCommand } from './command.ts';
import { LibraryInstallError } from './errors.ts';

/** A Python 3 that has pip. */
export interface Python {
  readonly command: string;
  readonly pythonVersion: string;
  readonly pipVersion: string;
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
  for (const command of python === undefined ? names : [python]) {
    try {
      const result = await runCommand(command, ['-m', 'pip', '--version'], {
        env,
        timeoutMs: 60_000,
      });
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
