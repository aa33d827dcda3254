import { expect, test } from 'vitest';
import { runCommand } from './command.ts';

const { env } = process;

test('of a program, exit code, output and each line of it are returned', async () => {
  const lines: string[] = [];
  const script =
    "process.stdout.write('one\\ntwo\\nthr'); console.error('bad'); process.exitCode = 3;";
  const result = await runCommand(process.execPath, ['-e', script], {
    env,
    onLine: (line) => lines.push(line),
  });
  expect(result).toEqual({ code: 3, killedBy: null, stdout: 'one\ntwo\nthr', stderr: 'bad\n' });
  expect(lines).toEqual(['one', 'two']);
});

test('a missing program is an error at once, and leaves no timer that keeps the process alive', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await expect(runCommand('/nowhere/x', [], { env, timeoutMs: 60_000 })).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(timers()).toBeLessThanOrEqual(before);
});

test('a program that takes too long is ended', async () => {
  const hang = runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env,
    timeoutMs: 200,
  });
  await expect(hang).rejects.toMatchObject({ code: 'ABORT_ERR' });
});
