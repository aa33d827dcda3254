// A run that fails while images are decoded ahead of it: it has to end with its error, in a process of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test('a folder of one class ends the command with an error, each time', {
  tags: ['slow'],
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'one-class-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await makeImageFolder(folder, { trainPerClass: 40, evalPerClass: 2, side: 150 });
  for (const split of ['train', 'val']) {
    const others = readdirSync(join(folder, split)).slice(1);
    for (const name of others) rmSync(join(folder, split, name), { recursive: true });
  }
  const args = [main, 'train', '--data-dir', folder, '--model', 'resnet20d', '--epochs', '1'];
  args.push('--no-warmup', '--image-size', '32', '-b', '8', '--output', join(folder, 'runs'));
  // Whether the loop was empty under what was awaited was a matter of chance.
  for (let attempt = 0; attempt < 4; attempt++) {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: .*: expected at least 2 classes to tell apart, found 1: \S+\. Give a folder/m,
    );
  }
});
