// Runs one command, shows its output as it comes, and keeps the end of it for the error.
import { spawn } from 'node:child_process';
import { childEnvironment, root } from './environment.mjs';

const TAIL_LINES = 12;

/**
 * Runs a command and resolves with its exit code and its last lines of output.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, quiet?: boolean }} [options] `quiet`: do not show the output
 * @returns {Promise<{ code: number, tail: string[] }>}
 */
export function runCommand(command, args, { cwd = root, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    // npm and pnpm are .cmd files on Windows, which only a shell can start.
    const shell = process.platform === 'win32';
    const env = childEnvironment();
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {string[]} */
    const tail = [];
    /** @param {NodeJS.WriteStream} stream */
    const show = (stream) => (/** @type {string} */ text) => {
      if (!quiet) stream.write(text);
      for (const line of text.split(/\r?\n/)) if (line.trim() !== '') tail.push(line);
      tail.splice(0, Math.max(0, tail.length - TAIL_LINES));
    };
    child.stdout.setEncoding('utf8').on('data', show(process.stdout));
    child.stderr.setEncoding('utf8').on('data', show(process.stderr));
    child.on('error', (cause) => {
      const what = `${command}: could not be started (${cause.message}). Is it installed and on PATH?`;
      reject(new Error(what, { cause }));
    });
    child.on('close', (code, signal) => {
      resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 1), tail });
    });
  });
}

/**
 * Runs a command that has to succeed; the error says what failed, the command, the end of its output and what to do.
 * @param {string} command
 * @param {string[]} args
 * @param {{ purpose: string, advice: string, cwd?: string, quiet?: boolean }} options
 */
export async function requireCommand(command, args, { purpose, advice, ...options }) {
  const { code, tail } = await runCommand(command, args, options);
  if (code === 0) return;
  const output = tail.map((line) => `    ${line}`).join('\n');
  throw new Error(
    `${purpose}: this command ended with ${code}:\n  ${[command, ...args].join(' ')}\n` +
      `The last lines of its output:\n${output}\n${advice}`,
  );
}
