import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { describeEnd, probeLibrary } from './probe.ts';

function probe(source: string, timeoutMs = 10_000) {
  const script = join(temporaryFolder(), 'child.mjs');
  writeFileSync(script, source);
  return probeLibrary('/libtensorflow_cc.so.2', { script, timeoutMs });
}

test('the report is what the other process sends', async () => {
  const source = 'process.send({ version: process.argv[2], devices: [] }); process.disconnect();';
  expect(await probe(source)).toEqual({ version: '/libtensorflow_cc.so.2', devices: [] });
});

test.each([
  [
    "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);",
    /^it crashed with SIGSEGV/,
  ],
  [
    "process.kill(process.pid, 'SIGILL'); setInterval(() => {}, 1000);",
    /the CPU lacks instructions/,
  ],
  ["throw new TypeError('no symbol')", /^loading it failed \(exit code 1\): TypeError: no symbol$/],
  ['process.exit(0)', /^loading it failed \(exit code 0\)$/],
])('a process that ends by %j is explained, and the doctor lives on', async (source, reason) => {
  expect(await probe(source)).toEqual({ defect: expect.stringMatching(reason) });
});

test('a library that crashes only after it has replied is not taken for sound', async () => {
  const source = "process.send({ version: '2' }, () => process.kill(process.pid, 'SIGSEGV'));";
  expect(await probe(source)).toEqual({ defect: 'it crashed with SIGSEGV' });
});

test('where koffi does not load, the library is not to blame', async () => {
  const report = await probe("throw new Error('koffi: expected it to load')");
  expect(report).toMatchObject({ remedy: expect.stringContaining('--allow-ffi') });
});

test('where no process can be started the library was not tried, which is said at once', async () => {
  const execPath = process.execPath;
  process.execPath = '/nowhere/node';
  const report = await probe('').finally(() => {
    process.execPath = execPath;
  });
  expect(report).toEqual({
    untried: expect.stringContaining('ENOENT'),
    remedy: expect.stringContaining('--allow-run'),
  });
});

test('a library that hangs is given up', async () => {
  expect(await probe('setInterval(() => {}, 1000)', 300)).toEqual({
    defect: 'it did not answer in time',
  });
});

test.each([
  [0xc0000005, null, /access violation/],
  [0xc0000135, null, /a DLL that is not there/],
  [1, null, /exit code 1/],
  [null, 'SIGKILL', /signature/],
] as const)('an end by %j, %j is put into words', (code, signal, words) => {
  expect(describeEnd(code, signal)).toMatch(words);
});
