// A run goes on with the images that it began with, wherever they are now.
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fromLayersModel } from '@bag-of-tricks/train-step';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../test/make-image-folder.ts';
import { losses, stopAfter, weights } from '../test/runs.ts';
import { ownBatches, smallModel } from '../test/small-parts.ts';
import { loadRecipe } from './config/load.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { fit, resumeTraining, train } from './fit.ts';

const output = mkdtempSync(join(tmpdir(), 'changed-data-'));
const images = join(output, 'images');

const run = (experiment: string, dataDir = images): TrainConfigInput => ({
  ...loadRecipe('resnet20d-cifar10'),
  ...{ dataset: 'folder', dataDir, batchSize: 12, epochs: 3, warmup: { epochs: 1 } },
  ...{ input: { imageSize: 16, evalResize: 16 }, augment: { crop: 'pad' } },
  ...{ output, experiment },
});

beforeAll(() => makeImageFolder(images, { trainPerClass: 8, evalPerClass: 2, side: 16 }));

const added = join(images, 'train', 'red', '8.jpg');
const first = join(images, 'train', 'red', '0.jpg');

describe('resuming', { tags: ['slow'] }, () => {
  test('refuses images that were added, renamed or changed, says which, and takes them when told to', async () => {
    const { runFolder } = await train(run('changed'), stopAfter(3));
    expect(existsSync(join(runFolder, 'images.tsv.gz'))).toBe(true);
    const failing = (expected: RegExp) =>
      expect(resumeTraining(runFolder)).rejects.toThrow(expected);

    renameSync(first, added);
    await failing(/1 renamed \(train\/red\/0\.jpg -> train\/red\/8\.jpg\).*--accept-changed-data/);
    renameSync(added, first);

    appendFileSync(first, 'x');
    await failing(/1 of another size \(train\/red\/0\.jpg\)/);

    // Enough for a step more in an epoch, which the run does not take.
    for (let i = 8; i < 20; i++) copyFileSync(first, join(images, 'train', 'red', `${i}.jpg`));
    await failing(/12 added \(.*\), 1 of another size/);
    const lines: string[] = [];
    const options = { acceptChangedData: true, onProgress: (line: string) => lines.push(line) };
    const resumed = await resumeTraining(runFolder, { ...options, ...stopAfter(4) });
    expect(resumed).toMatchObject({ finished: false, step: 4, totalSteps: 6 });
    expect(lines.join('\n')).toMatch(/Warning: .*12 added .*an epoch stays 2 steps/);
    // From then on they are the run's images.
    expect(await resumeTraining(runFolder)).toMatchObject({ finished: true, step: 6 });
    for (let i = 8; i < 20; i++) rmSync(join(images, 'train', 'red', `${i}.jpg`));
  });

  test('finds them from another working directory, and where they were moved to', async () => {
    const whole = await train(run('whole'));
    const cut = await train(run('cut', relative(process.cwd(), images)), stopAfter(3));
    const before = process.cwd();
    process.chdir(output);
    try {
      await resumeTraining(cut.runFolder, stopAfter(4));
    } finally {
      process.chdir(before);
    }
    const moved = join(output, 'moved');
    renameSync(images, moved);
    await expect(resumeTraining(cut.runFolder)).rejects.toThrow(images);
    const resumed = await resumeTraining(cut.runFolder, { dataDir: moved });
    renameSync(moved, images);
    expect(resumed.finished).toBe(true);
    expect(losses(cut.runFolder)).toEqual(losses(whole.runFolder));
    expect(weights(cut.runFolder)).toEqual(weights(whole.runFolder));
  });

  test("compares the fingerprint of images of one's own", async () => {
    const network = fromLayersModel(smallModel(), { name: 'small' });
    const settings = { network, tricks: [], output, epochs: 2, batchSize: 8, experiment: 'own' };
    const own = (fingerprint: string) => ({ ...ownBatches(), fingerprint });
    const { runFolder } = await fit({ ...settings, data: own('v1'), ...stopAfter(2) });
    const resume = { ...settings, resume: runFolder };
    await expect(fit({ ...resume, data: own('v2') })).rejects.toThrow(/mine: .* got changed ones/);
    const accepted = { ...resume, data: own('v2'), acceptChangedData: true, ...stopAfter(3) };
    expect((await fit(accepted)).step).toBe(3);
    expect((await fit({ ...resume, data: own('v2') })).finished).toBe(true);
    network.dispose();
  });
});
