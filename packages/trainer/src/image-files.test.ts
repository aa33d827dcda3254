// The recipe on image files: JPEG folders made for the test.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '@bag-of-tricks/image-data';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../test/make-image-folder.ts';
import { losses, readLines, stopAfter } from '../test/runs.ts';
import { writeParquet, writeTfRecords } from '../test/write-image-files.ts';
import { loadRecipe, mergeConfig } from './config/load.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { evaluate } from './evaluate.ts';
import { resumeTraining, train } from './fit.ts';

const output = mkdtempSync(join(tmpdir(), 'image-files-'));
const photographs = join(output, 'photographs');
const small = join(output, 'small');

beforeAll(async () => {
  await makeImageFolder(photographs, { trainPerClass: 4, evalPerClass: 2, side: 240 });
  await makeImageFolder(small, { trainPerClass: 32, evalPerClass: 7, side: 32 });
});

const recipe = (name: string, changes: object): TrainConfigInput =>
  mergeConfig(loadRecipe(name), { output, ...changes }) as TrainConfigInput;

/** A run of seconds on images of 32x32. */
const smallRun = (experiment: string, changes: object = {}): TrainConfigInput =>
  recipe('resnet20d-cifar10', {
    dataDir: small,
    batchSize: 16,
    epochs: 3,
    warmup: { epochs: 1 },
    evalBatchSize: 9,
    experiment,
    ...changes,
  });

describe('image files', { tags: ['slow'] }, () => {
  test("the paper's full recipe trains on JPEG photographs at 224 px, resumes exactly and evaluates", async () => {
    const run = (experiment: string) =>
      recipe('resnet50d-bag-of-tricks', {
        dataDir: photographs,
        batchSize: 4,
        epochs: 2,
        stepsPerEpoch: 2,
        warmup: { epochs: 1 },
        evalBatchSize: 6,
        amp: null,
        experiment,
      });
    const whole = await train(run('paper-whole'));
    expect(losses(whole.runFolder)).toHaveLength(4);
    expect(whole.evaluation!.samples).toBe(6);
    const first = await train(run('paper-cut'), stopAfter(3));
    expect(first.finished).toBe(false);
    const second = await resumeTraining(first.runFolder);
    expect(losses(second.runFolder)).toEqual(losses(whole.runFolder));
    expect(second.evaluation!.loss).toBe(whole.evaluation!.loss);
    const scored = await evaluate(whole.runFolder, { link: 'last' });
    expect(scored.loss).toBeCloseTo(whole.evaluation!.loss, 5);
    expect(scored.top1).toBe(whole.evaluation!.top1);
  });

  test('the recipe for CIFAR-10 learns small images, and op by op gives the same', async () => {
    const compiled = await train(smallRun('learning', { epochs: 6 }));
    expect(compiled.evaluation!.top1).toBeGreaterThan(60);
    const elsewhere = await evaluate(compiled.runFolder, {
      settings: { dataDir: photographs },
      link: 'last',
    });
    expect(elsewhere.samples).toBe(6);
    expect(compiled.dataSeconds).toBeGreaterThan(0);
    expect(compiled.dataSeconds).toBeLessThan(compiled.trainSeconds);
    const augment = { colorJitter: 0.4, pcaNoise: 0.1 };
    const colored = { epochs: 2, augment };
    const eager = await train(smallRun('small-eager', { ...colored, compile: false }));
    const reference = await train(smallRun('small-compiled', colored));
    const plain = await train(smallRun('small-plain', { epochs: 2 }));
    expect(losses(reference.runFolder)[0]).not.toBe(losses(plain.runFolder)[0]);
    losses(eager.runFolder).forEach((loss, i) => {
      expect(Math.abs(loss / losses(reference.runFolder)[i]! - 1)).toBeLessThan(1e-3);
    });
  });

  test('the number of workers and the memory for waiting batches change nothing', async () => {
    const usual = await train(smallRun('usual', { epochs: 2 }));
    const input = { workers: 1, prefetchMegabytes: 0.01 };
    const other = await train(smallRun('narrow', { epochs: 2, input }));
    expect(losses(other.runFolder)).toEqual(losses(usual.runFolder));
    expect(other.evaluation!.loss).toBe(usual.evaluation!.loss);
  });

  test('damaged images are left out, listed once, and stop the run where there are too many', async () => {
    const damaged = join(output, 'damaged');
    await makeImageFolder(damaged, { trainPerClass: 12, evalPerClass: 4, side: 32 });
    truncateSync(join(damaged, 'train/red/3.jpg'), 200);
    writeFileSync(join(damaged, 'val/blue/1.jpg'), 'no image');
    const run = (experiment: string, changes: object = {}) =>
      smallRun(experiment, { dataDir: damaged, epochs: 2, ...changes });
    const first = await train(run('skipping'), stopAfter(1));
    const result = await resumeTraining(first.runFolder);
    expect(result.evaluation!.samples).toBe(11);
    const listed = readLines(result.runFolder, 'bad-images.jsonl');
    const keys = listed.map(({ epoch, image }) => `${epoch} ${image.slice(damaged.length + 1)}`);
    const expected = [0, 1].flatMap((epoch) =>
      ['train/red/3.jpg', 'val/blue/1.jpg'].map((image) => `${epoch} ${image}`),
    );
    expect(keys.toSorted()).toEqual(expected);
    const failing = run('failing', { input: { badImages: 'fail' } });
    await expect(train(failing)).rejects.toThrow(/expected none/);
    for (const i of [4, 5, 6]) truncateSync(join(damaged, `train/green/${i}.jpg`), 0);
    await expect(train(run('too-many'))).rejects.toThrow(/at most 1 of the 36 images/);
  });

  test('a run that is stopped while its images are being listed ends with the reason, and leaves nothing', async () => {
    const reason = new Error('stopped');
    const stopped = train(smallRun('unopened'), { signal: AbortSignal.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
    expect(existsSync(join(output, 'unopened'))).toBe(false);
  });

  test('a folder that is not there, or has no classes, is an error that says so', async () => {
    await expect(train(smallRun('nowhere', { dataDir: join(output, 'nowhere') }))).rejects.toThrow(
      /expected a folder, found none at/,
    );
    await expect(train(smallRun('flat', { dataDir: join(small, 'train', 'red') }))).rejects.toThrow(
      /expected a folder for each class in .*red, found only files: 0\.jpg/,
    );
    expect(existsSync(join(output, 'nowhere'))).toBe(false);
  });

  test('the same images in TFRecord and Parquet train to the same losses, and shards train too', async () => {
    const folder = await train(smallRun('as-folder', { epochs: 2 }));
    const target = (dataset: string) => join(output, `small-${dataset}`);
    const trainAs = (dataset: 'tar' | 'tfrecord' | 'parquet') =>
      train(smallRun(`as-${dataset}`, { epochs: 2, dataset, dataDir: target(dataset) }));
    writeTfRecords(target('tfrecord'), small);
    writeParquet(target('parquet'), small);
    for (const dataset of ['tfrecord', 'parquet'] as const) {
      const result = await trainAs(dataset);
      expect(losses(result.runFolder)).toEqual(losses(folder.runFolder));
      expect(result.evaluation!.loss).toBe(folder.evaluation!.loss);
    }
    // Shards hold the images in another order.
    await prepare({ dataDir: small, output: target('tar'), shortSide: null });
    const shards = await trainAs('tar');
    expect(shards.evaluation!.samples).toBe(folder.evaluation!.samples);
    expect(losses(shards.runFolder)).toHaveLength(losses(folder.runFolder).length);
  });

  test("CIFAR's binary files train too, and one set is not taken for the other", async () => {
    const binary = join(output, 'cifar');
    mkdirSync(binary);
    const records = (count: number) =>
      Uint8Array.from({ length: count * 3074 }, (_, i) => (i % 3074 < 2 ? i % 7 : (i * 37) % 251));
    writeFileSync(join(binary, 'train.bin'), records(64));
    writeFileSync(join(binary, 'test.bin'), records(20));
    const run = (dataset: string) =>
      smallRun(`binary-${dataset}`, { dataset, dataDir: binary, epochs: 2 });
    const result = await train(run('cifar100'));
    expect(result.evaluation!.samples).toBe(20);
    await expect(train(run('cifar10'))).rejects.toThrow(/got those of cifar100/);
  });

  test('a run does not go on with images of other classes', async () => {
    const changing = join(output, 'changing-images');
    await makeImageFolder(changing, { trainPerClass: 12, evalPerClass: 2, side: 32 });
    const first = await train(smallRun('changing', { dataDir: changing }), stopAfter(1));
    for (const split of ['train', 'val']) {
      renameSync(join(changing, split, 'red'), join(changing, split, 'a-red'));
    }
    await expect(resumeTraining(first.runFolder)).rejects.toThrow(
      /expected the 3 classes of 32x32x3 images .* of other names or in another order\. Put the images back/,
    );
  });

  test('an interruption while images are awaited saves and ends', async () => {
    const controller = new AbortController();
    const result = await train(smallRun('awaiting'), {
      signal: controller.signal,
      hooks: [{ onTrainBegin: () => setTimeout(() => controller.abort(), 1) }],
    });
    expect(result.finished).toBe(false);
    const whole = await train(smallRun('awaited'));
    const resumed = await resumeTraining(result.runFolder);
    expect(losses(resumed.runFolder)).toEqual(losses(whole.runFolder));
  });
});
