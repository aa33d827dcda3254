// A folder of classes and nothing else: split, trained on, scored again on the same images.
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { makeImageFolder } from '../test/make-image-folder.ts';
import { stopAfter } from '../test/runs.ts';
import { loadRecipe } from './config/load.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { evaluate } from './evaluate.ts';
import { resumeTraining, train } from './fit.ts';

test('a flat folder of classes is split by the seed; the run lists both parts, goes on with them and is scored on them', {
  tags: ['slow'],
}, async () => {
  const output = mkdtempSync(join(tmpdir(), 'photo-folder-'));
  onTestFinished(() => rmSync(output, { recursive: true }));
  const photos = join(output, 'photos');
  await makeImageFolder(join(output, 'made'), { trainPerClass: 12, evalPerClass: 0, side: 20 });
  renameSync(join(output, 'made', 'train'), photos);
  const lines: string[] = [];
  const config: TrainConfigInput = {
    ...loadRecipe('resnet20d-cifar10'),
    dataset: 'folder',
    dataDir: photos,
    valSplit: 0.25,
    input: { imageSize: 16, cropPct: 0.8, interpolation: 'bicubic' },
    augment: { crop: 'random-resized' },
    batchSize: 9,
    epochs: 2,
    warmup: null,
    output,
  };
  const onProgress = (line: string) => lines.push(line);
  const stopped = await train(config, { ...stopAfter(3), onProgress });
  expect(stopped.finished).toBe(false);
  expect(lines.join('\n')).toContain(
    'so 9 of the 36 images, 25 % of each class, are kept for validation (seed 42)',
  );
  const list = gunzipSync(readFileSync(join(stopped.runFolder, 'images.tsv.gz'))).toString();
  const files = list
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const ofEval = files.filter(([split]) => split === 'eval').map(([, label]) => label);
  expect([files.length, ofEval.sort().join()]).toEqual([36, '0,0,0,1,1,1,2,2,2']);

  const { runFolder, finished } = await resumeTraining(stopped.runFolder);
  expect(finished).toBe(true);
  const summary = readFileSync(join(runFolder, 'summary.csv'), 'utf8').trim().split('\n');
  const column = (name: string) =>
    Number(summary.at(-1)!.split(',')[summary[0]!.split(',').indexOf(name)]);
  const scored = await evaluate(runFolder, { link: 'last' });
  expect(scored.samples).toBe(9);
  expect(scored.top1).toBeCloseTo(column('eval_top1'), 3);
});

test.each([
  [{ dataset: 'synthetic', valSplit: 0.2 }, 'valSplit: expected nothing for dataset synthetic'],
  [{ dataDir: 'photos', valSplit: 1 }, 'valSplit: expected a value < 1, got 1'],
  [{ dataDir: 'photos', input: { cropPct: 0 } }, 'input.cropPct: expected a value > 0, got 0'],
  [
    { dataDir: 'photos', input: { cropPct: 0.9, evalResize: 256 } },
    'input.cropPct: expected nothing beside evalResize (256), which says the same, got 0.9',
  ],
  [
    { dataDir: 'photos', input: { interpolation: 'bicubik' } },
    'expected one of bilinear, bicubic, lanczos, random, got "bicubik". Did you mean \'bicubic\'?',
  ],
])('%j is refused', (input, message) => {
  expect(() => parseConfig(input)).toThrow(message);
});
