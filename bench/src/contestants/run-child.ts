import { spawn } from 'node:child_process';

/** A program with its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** How much of a failed child's messages is worth showing. */
const shownCharacters = 4000;

/**
 * Runs a child process and parses the last line of its standard output as JSON; `signal` ends it.
 *
 * @throws Error with the end of the child's messages when it fails or prints no JSON.
 */
export async function runChild<T>({ file, args }: Command, signal?: AbortSignal): Promise<T> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  let messages = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(-shownCharacters);
  });
  // Ctrl-C reaches the child from the terminal; what ends this process alone would leave it running.
  const endBoth = (signal: NodeJS.Signals) => {
    child.kill(signal);
    process.kill(process.pid, signal);
  };
  process.once('SIGTERM', endBoth).once('SIGHUP', endBoth);
  const ending = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  }).finally(() => process.off('SIGTERM', endBoth).off('SIGHUP', endBoth));
  const failure = (what: string) => new Error(`${file} ${args[0]} ${what}\n${messages}`.trimEnd());
  if (ending !== 0) throw failure(`ended with ${ending}.`);
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(lastLine) as T;
  } catch (cause) {
    throw failure(`printed no JSON but ${JSON.stringify(lastLine.slice(0, 200))}. ${cause}`);
  }
}
