import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { stopAfter } from '../test/runs.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { evaluate } from './evaluate.ts';
import { fit, resumeTraining, train } from './fit.ts';

const output = mkdtempSync(join(tmpdir(), 'refusals-'));

const tiny = {
  model: 'resnet20d',
  dataset: 'synthetic',
  synthetic: { imageSize: 8, channels: 1, numClasses: 4, trainSamples: 16, evalSamples: 8 },
  epochs: 1,
  batchSize: 8,
  warmup: false,
  compile: false,
  output,
} satisfies TrainConfigInput;

test('a setting that does not fit rejects, it does not throw', async () => {
  await expect(train({ ...tiny, epochs: 0 })).rejects.toThrow('epochs');
  await expect(fit({ dataset: 'synthetic', epochs: 0 })).rejects.toThrow('epochs');
  const twice = { plugins: [fit, fit].map(() => ({ definition: { name: 'same' } })) } as never;
  await expect(resumeTraining(output, twice)).rejects.toThrow("'same' twice");
});

test('a signal that is aborted beforehand rejects with its reason, and leaves no folder', async () => {
  const signal = AbortSignal.abort(new Error('no time'));
  await expect(train({ ...tiny, experiment: 'early' }, { signal })).rejects.toThrow('no time');
  await expect(resumeTraining(output, { signal })).rejects.toThrow('no time');
  expect(existsSync(join(output, 'early'))).toBe(false);
});

describe('a run folder', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    await registerTensorFlowBackend();
  });

  test('is what a run goes on from; without an evaluation it has no best checkpoint', async () => {
    const { runFolder } = await train({ ...tiny, experiment: 'cut' }, stopAfter(1));
    await expect(evaluate(runFolder)).rejects.toThrow(/no evaluation yet. Use --which last/);
    await expect(resumeTraining(join(output, 'nowhere'))).rejects.toThrow(
      /nowhere: expected a run folder with a checkpoint in it, or one of its checkpoints, found none/,
    );
    const said: string[] = [];
    const onProgress = (line: string) => void said.push(line);
    expect((await resumeTraining(runFolder, { onProgress })).finished).toBe(true);
    expect(said.join()).not.toContain('the run is finished');
    await resumeTraining(runFolder, { onProgress });
    expect(said).toContain(
      `${runFolder}: the run is finished, all 1 epochs are done. --epochs gives it more`,
    );
  });
});
