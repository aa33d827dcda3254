import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runChild } from './run-child.ts';

function node(program: string) {
  return runChild({ file: process.execPath, args: ['-e', program] });
}

test('the last line is the result, whatever a library prints before it', async () => {
  const result = await node(
    "console.log('warming up'); console.log(JSON.stringify({ a: [1, 2] }))",
  );
  expect(result).toEqual({ a: [1, 2] });
});

test('a child that fails is an error with its messages', async () => {
  await expect(node("console.error('no such library'); process.exit(3)")).rejects.toThrow(
    /ended with 3[\s\S]*no such library/,
  );
});

test('a child that is killed is an error with the signal', async () => {
  await expect(node("process.kill(process.pid, 'SIGKILL')")).rejects.toThrow(/SIGKILL/);
});

test('a child that prints no JSON, or nothing, is an error', async () => {
  await expect(node("console.log('done')")).rejects.toThrow(/no JSON but "done"/);
  await expect(node('')).rejects.toThrow(/no JSON/);
});

test('a program that is not there is an error', async () => {
  await expect(runChild({ file: '/nowhere/python', args: ['x'] })).rejects.toThrow(/ENOENT/);
});

test('a child ends with its parent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'run-child-'));
  const pidFile = join(folder, 'pid');
  // A process of its own needs the build, which `turbo test` makes first.
  const built = new URL('../../dist/contestants/run-child.js', import.meta.url).href;
  const childCode = `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
  const parentCode = `
    import { runChild } from ${JSON.stringify(built)};
    await runChild({ file: process.execPath, args: ['-e', ${JSON.stringify(childCode)}] });
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', parentCode]);
  const childPid = await vi.waitFor(async () => {
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  });
  parent.kill('SIGTERM');
  const [, signal] = await once(parent, 'close');
  expect(signal).toBe('SIGTERM');
  await vi.waitFor(() => expect(() => process.kill(childPid, 0)).toThrow('ESRCH'), 5_000);
  await rm(folder, { recursive: true });
});
