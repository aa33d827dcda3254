import { spawn } from 'node:child_process';

/**
 * Runs a program that the user watches: all it prints goes to standard error, which leaves standard output to the result.
 *
 * @throws Error that ends with `advice` when the program fails.
 */
export async function runLoud(
  file: string,
  args: readonly string[],
  advice: string,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', process.stderr, process.stderr] });
  const ending = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  if (ending === 0) return;
  throw new Error(`${file} ${args.join(' ')} ended with ${ending}. ${advice}`);
}
