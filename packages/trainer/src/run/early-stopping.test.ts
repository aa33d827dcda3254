import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrays, losses, readLines, stopAfter } from '../../test/runs.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { resumeTraining, train } from '../fit.ts';
import { hasStalled } from './early-stopping.ts';

/** When a run that counts its evaluations one by one ends; the length where it never does. */
function countedEnd(
  scores: readonly number[],
  { patience, evalInterval }: { readonly patience: number; readonly evalInterval: number },
): number {
  let [best, since] = [Number.NEGATIVE_INFINITY, 0];
  for (const [epoch, score] of scores.entries()) {
    if ((epoch + 1) % evalInterval !== 0) continue;
    since = score > best ? 0 : since + 1;
    best = Math.max(best, score);
    if (since >= patience) return epoch + 1;
  }
  return scores.length;
}

test('a run ends after as many evaluations without a better one, whatever their interval', () => {
  const setting = fc.integer({ min: 1, max: 4 });
  const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(scores, setting, setting, (scores, patience, evalInterval) => {
      let [epoch, best]: [number, { top1: number; epoch: number } | null] = [0, null];
      while (epoch < scores.length && !hasStalled({ epoch, best }, { patience, evalInterval })) {
        const top1 = scores[epoch]!;
        const isEvaluated = (epoch + 1) % evalInterval === 0;
        if (isEvaluated && (best === null || top1 > best.top1)) best = { top1, epoch };
        epoch += 1;
      }
      expect(epoch).toBe(countedEnd(scores, { patience, evalInterval }));
    }),
  );
  expect(hasStalled({ epoch: 99, best: null }, { patience: 1, evalInterval: 1 })).toBe(false);
  const best = { top1: 1, epoch: 0 };
  expect(hasStalled({ epoch: 99, best }, { patience: null, evalInterval: 1 })).toBe(false);
});

const output = mkdtempSync(join(tmpdir(), 'length-'));

/** Steps that change next to nothing, so that no evaluation is better than the first. */
const short = (experiment: string, changes: Partial<TrainConfigInput> = {}): TrainConfigInput => ({
  ...{ model: 'resnet20d', dataset: 'synthetic', epochs: 8, batchSize: 8, evalBatchSize: 10 },
  synthetic: { imageSize: 8, channels: 3, numClasses: 4, trainSamples: 16, evalSamples: 10 },
  ...{
    warmup: null,
    mixup: null,
    compile: false,
    learningRate: { base: 1e-7 },
    output,
    experiment,
  },
  ...changes,
});

test('a run ends early in good order, and a resumed one in the same place', async () => {
  const whole = await train(short('early', { patience: 2 }));
  expect(whole).toMatchObject({ finished: true, endedEarly: true, totalSteps: 16 });
  expect(whole.step).toBe(2 * (whole.best!.epoch + 1 + 2));
  const cut = await train(short('cut', { patience: 2 }), stopAfter(whole.step - 1));
  expect(cut).toMatchObject({ finished: false, endedEarly: false });
  const resumed = await resumeTraining(cut.runFolder);
  expect(resumed).toMatchObject({ endedEarly: true, step: whole.step });
  const file = 'model.safetensors';
  expect(arrays(cut.runFolder, file)).toEqual(arrays(whole.runFolder, file));
  expect(readFileSync(join(whole.runFolder, 'report.html'), 'utf8')).toContain('Ended early');

  const lines: string[] = [];
  const again = await resumeTraining(whole.runFolder, { onProgress: (line) => lines.push(line) });
  expect([again.step, again.endedEarly]).toEqual([whole.step, true]);
  expect(lines.join('\n')).toContain('ended early after');
  const longer = await resumeTraining(whole.runFolder, { patience: 50 });
  expect(longer).toMatchObject({ finished: true, endedEarly: false, step: 16 });
  expect(readFileSync(join(whole.runFolder, 'args.yaml'), 'utf8')).toContain('\npatience: 50\n');
});

test('a finished run takes more epochs, on the schedule of the new length', async () => {
  const rates = (folder: string) =>
    readLines(folder, 'metrics.jsonl').map(({ lr, learningRate = lr }) => learningRate as number);
  const begun = await train(short('more', { epochs: 2 }));
  const reference = await train(short('long', { epochs: 4 }));
  const lines: string[] = [];
  const more = { epochs: 4, onProgress: (line: string) => void lines.push(line) };
  const { step, finished } = await resumeTraining(begun.runFolder, more);
  expect([step, finished]).toEqual([8, true]);
  expect(lines.join('\n')).toContain('epochs: 4 instead of 2');
  expect(rates(begun.runFolder).slice(4)).toEqual(rates(reference.runFolder).slice(4));
  expect(rates(begun.runFolder)[3]).toBeLessThan(rates(reference.runFolder)[3]!);
  expect(readFileSync(join(begun.runFolder, 'args.yaml'), 'utf8')).toContain('\nepochs: 4\n');
  await expect(resumeTraining(begun.runFolder, { epochs: 3 })).rejects.toThrow(
    /epochs: expected at least the 4 that the run has begun, got 3/,
  );
  await expect(resumeTraining(begun.runFolder, { epochs: 4.5 })).rejects.toThrow(/epochs/);
});

test('another length lasts where the run is killed before its next checkpoint', async () => {
  const { runFolder } = await train(short('killed', { epochs: 2 }));
  const left = join(output, 'left by the kill');
  const onBatchEnd = ({ step }: { readonly step: number }) => {
    if (step === 5) cpSync(runFolder, left, { recursive: true, verbatimSymlinks: true });
  };
  await resumeTraining(runFolder, { epochs: 3, patience: 9, hooks: [{ onBatchEnd }] });
  rmSync(join(left, '.lock'));
  expect(await resumeTraining(left)).toMatchObject({ finished: true, step: 6 });
  expect(readFileSync(join(left, 'args.yaml'), 'utf8')).toContain('\npatience: 9\n');
  expect(losses(left)).toEqual(losses(runFolder));
  // Unless it is the length of an earlier checkpoint, from which the run did not get to go on.
  const file = join(left, 'args.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('epochs: 3', 'epochs: 1'));
  expect(await resumeTraining(left)).toMatchObject({ finished: true, totalSteps: 6 });
});
