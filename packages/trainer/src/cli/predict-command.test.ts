import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { exitCodes } from '../errors.ts';
import { train } from '../fit.ts';
import { loadClassifier } from '../inference/classifier.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'predict-'));

/** Starts the command in the folder of the test; `ended` has what it printed. */
function start(args: readonly string[]) {
  const child = spawn(process.execPath, [main, 'predict', 'run', ...args], { cwd: folder });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...printed }));
  return { child, printed, ended };
}

const run = (...args: string[]) => start(args).ended;
const files = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).file);

beforeAll(async () => {
  await makeImageFolder(join(folder, 'images'), { trainPerClass: 16, evalPerClass: 4, side: 16 });
  await train({
    ...{ model: 'resnet20d', dataDir: join(folder, 'images'), output: folder, experiment: 'run' },
    ...{ input: { imageSize: 16, antialias: true }, epochs: 2, batchSize: 16 },
    ema: { decay: 0.9 },
  });
});

describe('predict', { tags: ['slow'] }, () => {
  test('searches a folder, and prints what the classifier says', async () => {
    const { code, stdout, stderr } = await run('images/val', '--format', 'jsonl', '--top', '9');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(12);
    expect(lines[0].file).toBe('images/val/blue/0.jpg');
    const classifier = await loadClassifier(join(folder, 'run'));
    for (const { file, top } of lines.slice(0, 3)) {
      expect(top).toHaveLength(3);
      const own = await classifier.classify(join(folder, file));
      expect(top.map(({ name }: { name: string }) => name)).toEqual(own.map(({ name }) => name));
      expect(top[0].probability).toBeCloseTo(own[0]!.probability, 5);
    }
    await classifier.dispose();
  });

  test('names what cannot be used, leaves it out and ends with 1', async () => {
    const cut = join(folder, 'cut');
    mkdirSync(cut);
    cpSync(join(folder, 'images/val/red'), cut, { recursive: true });
    truncateSync(join(cut, '1.jpg'), 300);
    symlinkSync('.', join(cut, 'loop'));
    const { code, stdout, stderr } = await run('cut', 'none.jpg', '--format', 'jsonl');
    expect(files(stdout)).toEqual(['cut/0.jpg', 'cut/2.jpg', 'cut/3.jpg']);
    expect(stderr).toMatch(/^Left out: cut\/1\.jpg: /m);
    expect(stderr).toMatch(/^Left out: none\.jpg: the file does not exist/m);
    expect(stderr).toContain('2 of 5 images cannot be used');
    expect(code).toBe(exitCodes.failure);
  });

  test('takes paths from stdin as they come, and patterns that no shell has expanded', async () => {
    const args = ['images/val/*/0.jpg', '-', '--format', 'jsonl', '--batch-size', '2'];
    const { child, printed, ended } = start(args);
    child.stdin.write('images/val/red/1.jpg\nimages/val/bl');
    const until = async (count: number) => {
      while (printed.stdout.split('\n').length <= count) await once(child.stdout, 'data');
    };
    await until(4);
    child.stdin.end('ue\n\nimages/val/green/2.jpg');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(files(stdout)).toEqual([
      ...['blue', 'green', 'red'].map((name) => `images/val/${name}/0.jpg`),
      'images/val/red/1.jpg',
      ...[0, 1, 2, 3].map((i) => `images/val/blue/${i}.jpg`),
      'images/val/green/2.jpg',
    ]);
  });

  test('ends in good order at Ctrl-C, also while it waits for paths', async () => {
    const { child, printed, ended } = start(['-']);
    child.stdin.write('images/val/red/1.jpg\n');
    while (!printed.stdout.includes('red/1.jpg')) await once(child.stdout, 'data');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(exitCodes.interrupt);
    expect(stderr).toBe('SIGINT: finishing this batch; once more to stop at once\n');
  });

  test('is quiet where nobody reads on', async () => {
    const { child, printed, ended } = start(['images', 'images/val/red', '--batch-size', '1']);
    child.stdout.once('data', () => child.stdout.destroy());
    expect((await ended).code).toBe(exitCodes.brokenPipe);
    expect(printed.stderr).toBe('');
  });

  test.each([
    [['none/*.jpg'], exitCodes.failure, 'expected files that match none/*.jpg, found none'],
    [['run/checkpoints'], exitCodes.failure, 'expected images in run/checkpoints, found none'],
    [['images', '--top', '0'], exitCodes.usage, "expected an integer >= 1, got '0'"],
    [['images', '--format', 'xml'], exitCodes.usage, 'Allowed choices are table, csv, jsonl'],
  ])('%j ends with %i and says what was expected', async (args, exitCode, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(exitCode);
  });

  const weights = () => join(folder, 'run/checkpoints/last/model.safetensors');
  const image = () => join(folder, 'images/val/red/0.jpg');
  async function topOf(path: string, options = {}) {
    const classifier = await loadClassifier(path, options);
    const top = await classifier.classify(image());
    await classifier.dispose();
    return { top, description: classifier.description };
  }

  test("weights beside timm's config.json give what their run gives", async () => {
    const exported = join(folder, 'exported');
    mkdirSync(exported);
    cpSync(weights(), join(exported, 'model.safetensors'));
    const own = await topOf(weights());
    const { mean, std, classNames: label_names } = own.description;
    const share = (values: readonly number[]) => values.map((value) => value / 255);
    const pretrained_cfg = {
      ...{ input_size: [3, 16, 16], crop_pct: 0.88, interpolation: 'bilinear' },
      ...{ mean: share(mean), std: share(std), label_names },
    };
    const config = { architecture: 'resnet20d', num_classes: 3, pretrained_cfg };
    const write = (json: object) =>
      writeFileSync(join(exported, 'config.json'), JSON.stringify(json));
    write(config);
    const { top, description } = await topOf(exported);
    expect(description).toMatchObject({
      ...own.description,
      mean: expect.anything(),
      std: expect.anything(),
    });
    top.forEach(({ name, probability }, rank) => {
      expect(name).toBe(own.top[rank]!.name);
      expect(probability).toBeCloseTo(own.top[rank]!.probability, 5);
    });
    write({ ...config, pretrained_cfg: { ...pretrained_cfg, interpolation: 'nearest' } });
    await expect(topOf(exported)).rejects.toThrow(
      'config.json: interpolation: expected bilinear or bicubic or lanczos, got "nearest"',
    );
    write({ ...config, architecture: 'resnet18' });
    await expect(topOf(exported)).rejects.toThrow('do not fit resnet18');
  });

  test('weights alone are named after their network; what is not known is said', async () => {
    const alone = join(folder, 'resnet20d.safetensors');
    cpSync(weights(), alone);
    const said: string[] = [];
    const classNames = ['a', 'b', 'b'];
    const { top, description } = await topOf(alone, {
      ...{ classNames, onProgress: (line: string) => said.push(line) },
    });
    expect(said.join()).toContain('nothing says imageSize 224, channels 3, cropPct 0.875, ');
    expect(description).toMatchObject({ classNames, evalResize: 256, interpolation: 'bicubic' });
    expect(top.map(({ name }) => name).sort()).toEqual(classNames);
    await expect(topOf(alone, { classNames: ['a'] })).rejects.toThrow('names of 3 classes, got 1');
    const dense = { dtype: 'F32', shape: [2, 2], data: new Float32Array(4) } as const;
    const unnamed = serializeSafetensors([['fc.weight', dense]]);
    writeFileSync(join(folder, 'mine.safetensors'), unnamed);
    await expect(topOf(join(folder, 'mine.safetensors'))).rejects.toThrow("got 'mine'");
    mkdirSync(join(folder, 'checkpoints'));
    const among = join(folder, 'checkpoints/mine_resnet20d.safetensors');
    cpSync(weights(), among);
    expect((await topOf(among)).description.model).toBe('resnet20d');
    const lost = join(folder, 'run/checkpoints/epoch-0009');
    await expect(topOf(lost)).rejects.toThrow(
      'expected a run folder or a checkpoint folder, found',
    );
    await expect(topOf(join(folder, 'nothing'))).rejects.toThrow('found none. Check the path');
  });
});
