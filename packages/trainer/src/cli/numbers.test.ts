// The commands that look at a run's numbers, each in a process of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const output = mkdtempSync(join(tmpdir(), 'cli-numbers-'));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { cwd: output, encoding: 'utf8' });

const flags = [
  ...['train', '--model', 'resnet20d', '--dataset', 'synthetic', '--batch-size', '24'],
  '--set',
  'synthetic={imageSize: 12, channels: 1, numClasses: 4, trainSamples: 96, evalSamples: 20}',
  ...['--output', 'runs', '--experiment', 'x'],
];

test('a dry run prints what the run would take and makes no run folder', { tags: ['slow'] }, () => {
  const { status, stdout } = run(...flags, '--epochs', '6', '--dry-run');
  expect(stdout).toMatch(
    /Memory: .* MiB[\s\S]*A step: .* img\/s[\s\S]*The whole run, 24 steps with 6 /,
  );
  expect(status).toBe(0);
  expect(readdirSync(output)).toEqual([]);
});

test('a run that diverges names the command that looks into it, and it does', {
  tags: ['slow'],
}, () => {
  const wild = ['--lr-base', '100', '--no-linear-scaling', '--no-warmup', '--no-zero-gamma'];
  const constant = ['--set', 'schedule.name=constant', '--val-interval', '40', '--epochs', '40'];
  const { status, stderr } = run(...flags, ...wild, ...constant);
  expect(status).toBe(3);
  const [, folder] = /npx @bag-of-tricks\/trainer replay (\S+) takes/.exec(stderr)!;
  expect(existsSync(folder!)).toBe(true);
  const replayed = run('replay', folder!);
  expect(replayed.stdout).toMatch(/Step \d+: epoch \d+, learning rate 100/);
  expect(replayed.stdout).toMatch(/not everything is finite, as in the run[\s\S]*weights +finite/);
  expect(replayed.status).toBe(0);
});

test('--resume takes --data-dir beside it, and no other setting', () => {
  const refused = run('train', '--resume', 'runs/none', '--seed', '2');
  expect(refused.stderr).toMatch(/--resume goes on with the conf[^\n]*--data-dir/);
  const missing = run('train', '--resume', 'runs/none', '--data-dir', 'moved');
  expect(missing.stderr).toMatch(/resume \S*runs\/none: expected a run folder/);
  expect([refused.status, missing.status]).toEqual([2, 1]);
});
