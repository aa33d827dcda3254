import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Called with each line of the standard output as it arrives. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Exit code, or null after a signal. */
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end; rejects only when it cannot be started (`ENOENT`), is aborted or takes too long.
 *
 * It runs in an empty folder of its own: programs take code and settings from the working directory (`python3 -m pip` a `pip.py`), which
 * may be a data set or a project that somebody else wrote.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bag-of-tricks-'));
  try {
    return await runIn(folder, program, args, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runIn(
  cwd: string,
  program: string,
  args: readonly string[],
  { env, signal, timeoutMs, onLine }: CommandOptions,
): Promise<CommandResult> {
  // Not spawn's own timeout: where the program is missing, its timer keeps the process alive.
  const limits = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
  if (signal !== undefined) limits.push(signal);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.any(limits),
    });
    let stdout = '';
    let stderr = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let failure: Error | undefined;
    child.on('error', (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    // After an abort too the promise settles only once the program has ended, so that nothing
    // writes into a folder that the caller is about to delete.
    child.on('close', (code, killedBy) => {
      if (failure !== undefined) reject(failure);
      else resolve({ code, killedBy, stdout, stderr });
    });
  });
}
