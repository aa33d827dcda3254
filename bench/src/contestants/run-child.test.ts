import { expect, test } from 'vitest';
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
