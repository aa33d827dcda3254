// What `train --data-dir photos` chooses, looking at a folder that is there.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { loadRecipe, mergeConfig, type PartialConfig } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import { builtIn } from '../config/schema.ts';
import { recipeFor, withChoices } from './own-images.ts';

/** What rank 0 of two, at the other end, has chosen. */
const chosenThere = {
  model: 'resnet34d',
  imageSize: 64,
  batchSize: 3,
  epochs: 5,
  evalBatchSize: 7,
};
const answer = { ofFirst: {} };
const connect = async (cluster: { readonly rank: number } | null) => ({
  gather: async <Value>(own: Value) => [cluster!.rank === 0 ? own : (answer.ofFirst as Value)],
  dispose: async () => {},
});

const folder = mkdtempSync(join(tmpdir(), 'own-images-'));
const photos = join(folder, 'photos');
beforeAll(async () => {
  await makeImageFolder(join(folder, 'made'), { trainPerClass: 10, evalPerClass: 0, side: 100 });
  renameSync(join(folder, 'made', 'train'), photos);
});
afterAll(() => rmSync(folder, { recursive: true }));

const lines: string[] = [];
async function choose(flags: PartialConfig, rank: number | null = null) {
  lines.length = 0;
  const say = (line: string) => lines.push(line);
  const config = mergeConfig(loadRecipe(recipeFor(undefined, flags) ?? 'photos'), flags);
  const addresses = ['10.0.0.1:2222', '10.0.0.2:2222'];
  const cluster = rank === null ? null : { addresses, rank };
  const choosing = { known: builtIn, say, install: false, cluster, connect };
  return parseConfig(await withChoices(config, choosing));
}

test('a folder and nothing else: all is chosen by its training images, and said in three lines', async () => {
  const config = await choose({ dataDir: photos });
  expect(config).toMatchObject({
    ...{ model: 'resnet18d', batchSize: 8, epochs: 60, warmup: { epochs: null } },
    input: { imageSize: 96, antialias: true },
  });
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain(
    `${photos}: 24 training images of 3 classes, shorter side mostly 100 px`,
  );
  expect(lines[1]).toContain('--model resnet18d --image-size 96 --batch-size 8 --epochs 60, ');
});

test('of several processes the first one chooses for all of them, and alone looks at its images and says so', async () => {
  const { imageSize, ...others } = chosenThere;
  answer.ofFirst = { found: chosenThere };
  expect(await choose({ dataDir: '/nowhere' }, 1)).toMatchObject({
    ...others,
    input: { imageSize },
  });
  expect(lines).toEqual([]);
  answer.ofFirst = { message: 'found none' };
  await expect(choose({ dataDir: photos }, 1)).rejects.toThrow('rank 0 has ended: found none');
  await expect(choose({ dataDir: '/nowhere' }, 0)).rejects.toThrow('found none at /nowhere');
  await choose({ dataDir: photos }, 0);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain(' of memory for each of 2 processes');
  await expect(choose({ dataDir: photos, compile: false }, 0)).rejects.toThrow(
    'compile: expected true where several processes train',
  );
});

test('from weights it is the measured fine-tuning, with epochs enough for few images; a flag wins', async () => {
  const weights = { dataDir: photos, pretrained: 'w.safetensors', model: 'resnet18' };
  const config = await choose({ ...weights, input: { imageSize: 64 } });
  expect(config).toMatchObject({
    optimizer: { name: 'adamw', weightDecay: 0.01 },
    ...{ learningRate: { base: 0.001 }, linearScaling: { baseBatchSize: 32 } },
    ...{ warmup: { epochs: 0.5 }, mixup: null, batchSize: 8, epochs: 60 },
  });
  expect(lines[1]).toContain(
    'by adamw at 0.001, as the recipe fine-tuning says; 60 epochs, for 248',
  );
  const own = { optimizer: { name: 'sgd' }, mixup: true, epochs: 2 };
  expect(await choose({ ...weights, ...own })).toMatchObject({
    ...{ optimizer: { name: 'sgd' }, mixup: { alpha: 0.2 }, epochs: 2 },
  });
  expect(recipeFor(undefined, { ...weights, linearProbe: true })).toBe('photos');
  expect(recipeFor('mine.yaml', weights)).toBe('mine.yaml');
});

test('flags win, the images that are left out are not counted, and a warmup that is off stays off', async () => {
  const given = { model: 'resnet20d', epochs: 2, input: { imageSize: 32, antialias: false } };
  const config = await choose({ dataDir: photos, limitSamples: 5, warmup: null, ...given });
  expect(config).toMatchObject({ ...given, batchSize: 4, warmup: null });
  expect(lines[0]).toContain('5 training images');
});

test('where all is given, or the images are no photographs of one’s own, nothing is looked at', async () => {
  const all = { model: 'resnet20d', input: { imageSize: 8 }, batchSize: 2, epochs: 1 };
  await choose({ dataDir: '/nowhere', ...all, warmup: false });
  await choose({ dataset: 'synthetic' });
  await choose({ dataset: 'cifar10', dataDir: '/nowhere' });
  expect(lines).toEqual([]);
});

test('one class, and a folder that is not there, are errors as in the training', async () => {
  await expect(choose({ dataDir: '/nowhere' })).rejects.toThrow('found none at /nowhere');
  renameSync(join(photos, 'blue'), join(folder, 'blue'));
  renameSync(join(photos, 'red'), join(folder, 'red'));
  mkdirSync(join(photos, 'mauve'));
  await expect(choose({ dataDir: photos })).rejects.toThrow(
    /expected at least 2 classes to tell apart, found 1: green.*\n.*no classes: mauve/s,
  );
});
