import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileFaults } from './compile.ts';
import { type Fault, parseTrace } from './control.ts';

const library = compileFaults();
const control = new URL('../../dist/library/control.js', import.meta.url).href;

/** Runs a script, where `folder` is the watched one, and returns what it printed, how it ended, and the trace. */
function run(script: string, fault: Fault = { kind: 'none' }) {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'library-')));
  const [folder, trace] = [join(scratch, 'run'), join(scratch, 'trace')];
  mkdirSync(folder);
  const code = `
    import fs from 'node:fs';
    import { openFaults } from '${control}';
    const folder = '${folder}';
    const library = openFaults('${library}');
    library.arm({ folder, trace: '${trace}' }, ${JSON.stringify(fault)});
    const attempt = (action) => { try { return action() } catch (error) { return error.code } };
    ${script}
    library.disarm();`;
  const env = { ...process.env, LD_PRELOAD: library! };
  const options = { env, encoding: 'utf8' } as const;
  const args = ['--input-type=module', '-e', code];
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, options);
  const operations = parseTrace(readFileSync(trace, 'utf8')).map(
    ({ name, path }) => `${name} ${path}`,
  );
  return { stdout, stderr, signal, operations, folder, scratch };
}

// Without a compiler they count as skipped.
const testHere = test.skipIf(library === null);

const everything = `
  fs.mkdirSync(folder + '/a');
  fs.writeFileSync(folder + '/a/b', 'text', { flush: true });
  fs.renameSync(folder + '/a/b', folder + '/a/c');
  fs.symlinkSync('c', folder + '/a/d');
  fs.copyFileSync(folder + '/a/c', folder + '/e');
  fs.truncateSync(folder + '/e', 2);
  fs.readFileSync(folder + '/e', 'utf8');
  for (const name of ['/a/d', '/a/c']) fs.unlinkSync(folder + name);
  fs.rmdirSync(folder + '/a');
  process.chdir(folder);
  fs.appendFileSync('e', 'more');
  fs.writeFileSync(folder + '-beside', 'not watched');`;

testHere('every operation below the folder is counted, in its order, and none beside it', () => {
  const { operations, stderr } = run(everything);
  expect(stderr).toBe('');
  const copies = operations.filter((operation) => operation === 'copy e');
  expect(copies.length).toBeGreaterThan(0);
  expect(operations.filter((operation) => operation !== 'copy e')).toEqual([
    ...['mkdir a', 'create a/b', 'write a/b', 'fsync a/b', 'close a/b'],
    ...['rename a/c', 'symlink a/d'],
    ...['open a/c', 'create e', 'truncate e', 'close e'],
    ...['open to write e', 'truncate e', 'close e'],
    ...['open e', 'unlink a/d', 'unlink a/c', 'rmdir a'],
    ...['create e', 'write e', 'close e'],
  ]);
});

testHere('io_uring, which would pass the library by, is not in use', () => {
  const { operations } = run(`
    const file = await fs.promises.open(folder + '/a', 'w');
    await file.writeFile('text');
    await file.sync();
    await file.close();`);
  expect(operations).toEqual(['create a', 'write a', 'fsync a', 'close a']);
});

testHere('one operation returns the error, and the others are made', () => {
  const script = `
    console.log(attempt(() => fs.writeFileSync(folder + '/a', 'one')));
    console.log(attempt(() => fs.writeFileSync(folder + '/b', 'two')));`;
  const { stdout, folder } = run(script, { kind: 'error', at: 2, code: 'ENOSPC' });
  expect(stdout).toBe('ENOSPC\nundefined\n');
  expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('two');
});

testHere('a full disk stays full, and files can be deleted on it', () => {
  const script = `
    fs.writeFileSync(folder + '/a', 'one');
    console.log(attempt(() => fs.writeFileSync(folder + '/b', 'two')));
    console.log(attempt(() => fs.mkdirSync(folder + '/c')));
    fs.unlinkSync(folder + '/a');`;
  const { stdout, folder } = run(script, { kind: 'full', at: 4 });
  expect(stdout).toBe('ENOSPC\nENOSPC\n');
  expect(readdirSync(folder)).toEqual([]);
});

testHere('after a short write Node writes the rest', () => {
  const script = `
    const file = fs.openSync(folder + '/a', 'w');
    console.log(fs.writeSync(file, 'abcd'), fs.writeSync(file, 'ef'));`;
  const { stdout, folder, operations } = run(script, { kind: 'short', at: 2 });
  expect(stdout).toBe('4 2\n');
  expect(operations).toEqual(['create a', 'write a', 'write a', 'write a']);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('abcdef');
});

testHere('a kill comes before the operation, a torn write in the middle of it', () => {
  const script = `fs.writeFileSync(folder + '/a', 'abcd'); fs.writeFileSync(folder + '/b', 'ef');`;
  const killed = run(script, { kind: 'kill', at: 4 });
  expect(killed.signal).toBe('SIGKILL');
  expect(readdirSync(killed.folder)).toEqual(['a']);
  const torn = run(script, { kind: 'torn', at: 2 });
  expect(torn.signal).toBe('SIGKILL');
  expect(readFileSync(join(torn.folder, 'a'), 'utf8')).toBe('ab');
});

testHere('a copy is what a kill at that operation leaves', () => {
  const script = `
    fs.writeFileSync(folder + '/a', 'abcd');
    fs.renameSync(folder + '/a', folder + '/b');`;
  const copies = realpathSync(mkdtempSync(join(tmpdir(), 'copies-')));
  run(script, { kind: 'copy', copies });
  const content = (name: string) => readFileSync(join(copies, name), 'utf8');
  expect(readdirSync(copies).sort()).toEqual(['1', '2', '2-torn', '3', '4']);
  expect(existsSync(join(copies, '1', 'a'))).toBe(false);
  expect([content('2/a'), content('2-torn/a'), content('4/a')]).toEqual(['', 'ab', 'abcd']);
});
