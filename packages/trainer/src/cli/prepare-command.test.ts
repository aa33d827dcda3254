import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { exitCodes } from '../errors.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prepare-'));

/** Runs the command; the signal is sent when `when` stands in what it printed. */
async function run(args: readonly string[], stop?: { readonly when: string }) {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (stop && !printed.includes(stop.when) && text.includes(stop.when)) child.kill('SIGINT');
      printed += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, printed };
}

const prepare = (output: string, ...more: string[]) => [
  ...['prepare', '--data-dir', 'images', '--output', output, '--short-side', '40'],
  ...['--shard-size', '50', ...more],
];
const manifest = (output: string, split: string) =>
  JSON.parse(readFileSync(join(folder, output, split, 'manifest.json'), 'utf8'));

beforeAll(async () => {
  await makeImageFolder(join(folder, 'images'), { trainPerClass: 60, evalPerClass: 4, side: 64 });
});

describe('prepare', { tags: ['slow'] }, () => {
  test('makes shards that a run trains on, and keeps them when called again', async () => {
    const first = await run(prepare('shards'));
    expect(first.code).toBe(0);
    expect(first.printed).toMatch(/^train \[={24}\] 180\/180 \(100%\)/m);
    expect(first.printed).toContain('shards/train: 180 images in 4 shards');
    expect(first.printed).toContain('shards/val: 12 images in 1 shard,');
    const made = manifest('shards', 'train');
    const second = await run(prepare('shards'));
    expect(second.code).toBe(0);
    expect(manifest('shards', 'train')).toEqual(made);
    const trained = await run([
      ...['train', '--config', 'resnet20d-cifar10', '--dataset', 'tar', '--data-dir', 'shards'],
      ...['--epochs', '2', '--warmup-epochs', '1', '--batch-size', '32', '--experiment', 'tar'],
    ]);
    expect(trained.printed).toContain('180 training and 12 evaluation images');
    expect(trained.printed).toMatch(/Waiting for data: \d+\.\d\d % of the training time/);
    expect(trained.code).toBe(0);
  });

  test('stopped by Ctrl-C it ends with 130, and goes on to the same shards', async () => {
    const whole = await run(prepare('whole'));
    expect(whole.code).toBe(0);
    const stopped = await run(prepare('stopped', '--concurrency', '1'), { when: '(30%)' });
    expect(stopped.printed).toContain('The same command goes on from the finished shards');
    expect(stopped.code).toBe(130);
    const resumed = await run(prepare('stopped'));
    expect(resumed.code).toBe(0);
    for (const split of ['train', 'val']) {
      expect(manifest('stopped', split)).toEqual(manifest('whole', split));
    }
  });

  test('other settings in the same folder, bad images and missing flags are errors that say so', async () => {
    await run(prepare('taken'));
    const other = await run(prepare('taken', '--quality', '50'));
    expect(other.printed).toContain('quality 50 where its shards have 92');
    expect(other.code).toBe(1);
    const missing = await run(['prepare', '--output', 'x']);
    expect(missing.printed).toContain("required option '--data-dir <folder>' not specified");
    expect(missing.code).toBe(exitCodes.usage);
    writeFileSync(join(folder, 'images/val/red/0.jpg'), 'no image');
    const skipping = await run(prepare('skipping'));
    expect(skipping.printed).toMatch(/^Skipped: .*red\/0\.jpg: /m);
    expect(skipping.printed).toContain('11 images in 1 shard');
    const failing = await run(prepare('failing', '--bad-images', 'fail'));
    expect(failing.printed).toMatch(/expected none \(bad images: fail\), got 1:.*red\/0\.jpg/s);
    expect(failing.code).toBe(exitCodes.badImages);
  });
});
