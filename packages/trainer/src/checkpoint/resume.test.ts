import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CHECKSUMS, findDamage } from '@bag-of-tricks/durable-files';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { changeFiles, losses, stopAfter, weights } from '../../test/runs.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { RunLockedError, SaveError } from '../errors.ts';
import { evaluate } from '../evaluate.ts';
import { resumeTraining, train } from '../fit.ts';

const output = mkdtempSync(join(tmpdir(), 'resume-'));

/** Eight steps in four epochs, every one of them saved. */
const tiny = {
  model: 'resnet20d',
  dataset: 'synthetic',
  synthetic: { imageSize: 8, channels: 1, numClasses: 4, trainSamples: 16, evalSamples: 8 },
  epochs: 4,
  batchSize: 8,
  warmup: false,
  compile: false,
  checkpointInterval: 1,
  checkpointHist: 9,
  output,
} satisfies TrainConfigInput;

let whole: string;
let half: string;

/** A copy of a run, which a test may break. */
function copyOf(run: string, name: string, dereference = false): string {
  const copy = join(output, name);
  cpSync(run, copy, { recursive: true, dereference, verbatimSymlinks: !dereference });
  return copy;
}

const checkpoints = (run: string) =>
  readdirSync(join(run, 'checkpoints')).filter((name) => name.startsWith('epoch-'));
const checkpoint = (run: string, name: string) => join(run, 'checkpoints', name);

/** All that has to be the same, which is all but times and machines. */
const outcomeOf = (run: string) => ({
  losses: losses(run),
  weights: weights(run),
  rows: readFileSync(join(run, 'summary.csv'), 'utf8')
    .split('\n')
    .map((row) => row.split(',').slice(0, 7)),
  checkpoints: checkpoints(run),
});

async function resume(path: string): Promise<string[]> {
  const said: string[] = [];
  const { finished } = await resumeTraining(path, { onProgress: (line) => said.push(line) });
  expect(finished).toBe(true);
  return said.filter((line) => line.startsWith('Warning'));
}

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}

describe('a run goes on', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    await registerTensorFlowBackend();
    whole = (await train({ ...tiny, experiment: 'whole' })).runFolder;
    half = (await train({ ...tiny, experiment: 'half' }, stopAfter(5))).runFolder;
  });

  test('from the one before when the newest is damaged, says so, and replaces it', async () => {
    const run = copyOf(whole, 'flipped');
    flipBit(checkpoint(run, 'last/model.safetensors'));
    const [damaged, before] = checkpoints(run).reverse();
    await expect(evaluate(run, { link: 'last' })).rejects.toThrow(
      new RegExp(`${damaged} is damaged: model.safetensors has other bytes`),
    );
    const said = await resume(run);
    expect(said[0]).toMatch(`${damaged} is damaged: model.safetensors has other bytes`);
    expect(said[1]).toContain(`goes on from ${before}. Dropped: ${damaged}, and the rows`);
    expect(said).toHaveLength(2);
    expect(outcomeOf(run)).toEqual(outcomeOf(whole));
    expect(await findDamage(checkpoint(run, damaged!))).toBeNull();
  });

  test('where only the optimiser is damaged, from the one before; its weights are scored, and that is said', async () => {
    const run = copyOf(half, 'optimizer-flipped');
    const damaged = checkpoints(run).at(-1)!;
    flipBit(checkpoint(run, join(damaged, 'optimizer.safetensors')));
    const said: string[] = [];
    const onProgress = (line: string) => void said.push(line);
    const { top1 } = await evaluate(run, { link: 'last', onProgress });
    expect(top1).toBe((await evaluate(half, { link: 'last' })).top1);
    expect(said.filter((line) => line.startsWith('Warning'))).toEqual([
      expect.stringMatching(/optimizer\.safetensors has other bytes.*what is read here is whole$/),
    ]);
    expect((await resume(run))[0]).toContain('optimizer.safetensors has other bytes');
  });

  test('from none when all are damaged, and says what is wrong with the newest', async () => {
    const run = copyOf(half, 'all-damaged');
    for (const name of checkpoints(run)) rmSync(checkpoint(run, join(name, CHECKSUMS)));
    const newest = checkpoints(run).at(-1);
    await expect(resume(run)).rejects.toThrow(`${newest} is damaged: SHA256SUMS is missing`);
    const foreign = checkpoint(run, 'mine');
    await expect(resume(foreign)).rejects.toThrow(
      /resume mine: expected a checkpoint of .*epoch-0/,
    );
    expect(readdirSync(run)).not.toContain('.lock');
  });

  test('from any of its checkpoints, and says what it drops', async () => {
    const run = copyOf(whole, 'back');
    const second = checkpoints(run).find((name) => name.startsWith('epoch-0002'))!;
    const [said, ...more] = await resume(checkpoint(run, second));
    expect(said).toMatch(new RegExp(`goes on from ${second}. Dropped: epoch-0003.*metrics.jsonl`));
    expect(more).toEqual([]);
    expect(outcomeOf(run)).toEqual(outcomeOf(whole));
    const best = basename((await evaluate(checkpoint(run, 'best'))).checkpoint);
    expect((await resume(checkpoint(run, 'best'))).join().includes('Dropped')).toBe(
      best !== checkpoints(whole).at(-1),
    );
    expect(outcomeOf(run)).toEqual(outcomeOf(whole));
  });

  test('in a copy that followed links, and with a lock and files that a kill left', async () => {
    const run = copyOf(half, 'copied', true);
    writeFileSync(join(run, '.lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    await expect(resume(run)).rejects.toThrow('process 1 on elsewhere does. Wait for it');
    rmSync(join(run, '.lock'));
    writeFileSync(join(run, 'env.json.7.unfinished'), '');
    writeFileSync(checkpoint(run, '.tmp-epoch-0009'), '');
    expect(await resume(run)).toEqual([]);
    expect(outcomeOf(run)).toEqual(outcomeOf(whole));
    expect(readdirSync(run).sort()).toEqual([
      ...['args.yaml', 'checkpoints', 'env-1.json', 'env.json', 'metrics.jsonl', 'report.html'],
      'summary.csv',
    ]);
    expect(readdirSync(checkpoint(run, '')).sort()).toEqual(
      readdirSync(checkpoint(whole, '')).sort(),
    );
  });

  test('in format 2, which had no checksums and no scores', async () => {
    const run = copyOf(half, 'old');
    for (const name of checkpoints(run)) {
      const file = checkpoint(run, join(name, 'state.json'));
      const { score: _, ...state } = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...state, formatVersion: 2 }));
      rmSync(checkpoint(run, join(name, CHECKSUMS)));
    }
    const scored = await evaluate(run);
    expect(scored.top1).toBe((await evaluate(half)).top1);
    expect(await resume(run)).toEqual([]);
    const { checkpoints: _, ...outcome } = outcomeOf(whole);
    expect(outcomeOf(run)).toMatchObject(outcome);
  });

  test('and says that the best checkpoint is gone', async () => {
    const run = copyOf(half, 'bestless');
    for (const name of checkpoints(run)) {
      const folder = checkpoint(run, name);
      const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
      changeFiles(folder, { 'state.json': JSON.stringify({ ...state, score: null }) });
    }
    await expect(evaluate(run)).rejects.toThrow('--which last');
    expect((await resume(run))[0]).toMatch(/the best evaluation so far \(.* %, epoch \d\) is gone/);
  });

  test('in one process at a time', async () => {
    const run = copyOf(half, 'twice');
    let second: Promise<unknown> | undefined;
    const onBatchEnd = () => {
      second ??= resumeTraining(run).catch((error: unknown) => error);
    };
    await resumeTraining(run, { hooks: [{ onBatchEnd }] });
    expect(await second).toBeInstanceOf(RunLockedError);
    expect(await second).toMatchObject({
      exitCode: 69,
      message: expect.stringContaining(`process ${process.pid} on `),
    });
    expect(outcomeOf(run)).toEqual(outcomeOf(whole));
  });

  test('until it cannot save: then it says what it needs, what is free, and what to do', async () => {
    const run = copyOf(half, 'unwritable');
    const folder = checkpoint(run, '');
    const onBatchEnd = () => {
      if (!existsSync(folder)) return;
      renameSync(folder, `${run}/moved`);
      writeFileSync(join(run, 'checkpoints'), '');
    };
    const failing = resumeTraining(run, { hooks: [{ onBatchEnd }] });
    await expect(failing).rejects.toThrow(SaveError);
    await expect(failing).rejects.toMatchObject({ exitCode: 74 });
    await expect(failing).rejects.toThrow(
      /unwritable.*\d MB needed, .* MB free in .*got ENOTDIR \(.*\)\. Make room or mend the disk$/,
    );
    expect(readdirSync(run)).not.toContain('.lock');
    rmSync(join(run, 'checkpoints'));
    renameSync(`${run}/moved`, join(run, 'checkpoints'));
    expect(await resume(run)).toEqual([]);
    expect(outcomeOf(run)).toEqual(outcomeOf(whole));
  });
});
