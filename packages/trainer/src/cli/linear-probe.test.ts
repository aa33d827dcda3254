// A linear probe from the command line, on an image folder, and what `eval` and `predict` make of it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
import { expect, onTestFinished, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { arrays, readLines } from '../../test/runs.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test('a folder of pictures and weights: the last layer learns, the others stay, and the run is scored and predicts', {
  tags: ['slow'],
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'linear-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await makeImageFolder(join(folder, 'photos'), { trainPerClass: 12, evalPerClass: 6, side: 24 });
  await registerTensorFlowBackend();
  const network = createModel('resnet20d', { numClasses: 10, seed: 5 });
  const given = await network.toStateDict();
  network.dispose();
  await writeSafetensors(
    join(folder, 'resnet20d.safetensors'),
    Object.entries(given).map(([name, one]) => [name, { dtype: 'F32', ...one } as const]),
  );
  const command = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [main, ...args], { cwd: folder })).stdout;

  const said = await command(
    ...['train', '--data-dir', 'photos', '--pretrained', 'resnet20d.safetensors', '--linear-probe'],
    ...[
      '--image-size',
      '24',
      '--batch-size',
      '12',
      '--epochs',
      '20',
      '--no-mixup',
      '--lr-base',
      '2',
    ],
    ...['--output', '.', '--experiment', 'run'],
  );
  expect(said).toContain('computing the features of 36 training and 18 evaluation images');
  expect(said).toContain('64 features an image');
  expect(said).toContain('Tracing the step of resnet20d on the features of 12 images');
  const run = join(folder, 'run');
  const saved = arrays(run, 'model.safetensors');
  for (const [name, { data }] of Object.entries(given)) {
    if (name.startsWith('fc.')) expect(saved[name]!.shape[0]).toBe(3);
    else expect([name, saved[name]!.data]).toEqual([name, data]);
  }
  const steps = readLines(run, 'metrics.jsonl');
  expect(steps.at(-1).loss).toBeLessThan(steps[0].loss / 2);

  const longer = await command('train', '--resume', 'run', '--epochs', '21');
  expect(longer).toContain(`the features are those in ${join(run, 'features.safetensors')}`);
  expect(longer).not.toContain('computing the features');

  const [header, ...rows] = readFileSync(join(run, 'summary.csv'), 'utf8').trim().split('\n');
  const top1 = Number(rows.at(-1)!.split(',')[header!.split(',').indexOf('eval_top1')]);
  expect(top1).toBeGreaterThan(80);
  expect(await command('eval', 'run', '--which', 'last')).toContain(`Acc@1 ${top1.toFixed(2)}`);
  const predicted = await command('predict', 'run', 'photos/val/red', '--format', 'jsonl');
  const names = predicted
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).top[0].name);
  expect(names.filter((name) => name === 'red').length).toBeGreaterThan(3);
});
