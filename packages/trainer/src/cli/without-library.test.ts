// The command where no native code may run: no library of TensorFlow, no koffi, no sharp.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { losses } from '../../test/runs.ts';
import { exitCodes } from '../errors.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const output = mkdtempSync(join(tmpdir(), 'without-'));
async function run(...args: string[]) {
  const env = { ...process.env, HOME: output, XDG_CACHE_HOME: output, LIBTENSORFLOW_PATH: '' };
  const child = spawn(process.execPath, ['--no-addons', main, ...args], { cwd: output, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

const small = (backend: string, experiment: string, ...more: string[]) =>
  run(
    ...['train', '--backend', backend, '--model', 'resnet20d', '--dataset', 'synthetic'],
    ...['--set', 'synthetic={imageSize: 8, numClasses: 3, trainSamples: 16, evalSamples: 8}'],
    ...['--batch-size', '16', '--epochs', '1', '--no-warmup', '--output', output],
    ...['--experiment', experiment, ...more],
  );

test.each(['cpu', 'wasm'])('train, resume and eval on %s', { tags: ['slow'] }, async (backend) => {
  const begun = await small(backend, backend);
  expect(begun.stderr).toBe('');
  expect(begun.stdout).toContain(`Backend ${backend}: steps run op by op`);
  expect(begun.stdout).toContain(`TensorFlow.js 4.22.0 on ${backend}`);
  const runFolder = join(output, backend);
  const resumed = await run('train', '--resume', runFolder, '--epochs', '2');
  expect(resumed.code, resumed.stderr).toBe(exitCodes.success);
  expect(losses(runFolder)).toHaveLength(2);
  // Its report has small pictures, which sharp makes.
  const scored = await run('eval', runFolder, '--no-report');
  expect(scored.code, scored.stderr).toBe(exitCodes.success);
  expect(scored.stdout).toMatch(/8 images/);
  expect(readdirSync(output)).not.toContain('bag-of-tricks');
});

test('a typo is refused before anything is made', async () => {
  const typo = await small('cup', 'typo');
  expect(typo.code).toBe(exitCodes.usage);
  expect(typo.stderr).toContain("got 'cup'. Did you mean 'cpu'?");
  expect(readdirSync(output)).not.toContain('typo');
});
