import { expect, test } from 'vitest';
import { unsynced } from './unsynced.ts';

const folder = 'checkpoints/.tmp-epoch-0000-step-00000002-7';
const checkpoint = 'checkpoints/epoch-0000-step-00000002';
const rows = ['summary.csv', 'metrics.jsonl', 'bad-images.jsonl'];
const lines = [
  ...rows.map((row) => `write ${row}`),
  ...rows.map((row) => `fsync ${row}`),
  `mkdir ${folder}`,
  ...[`write ${folder}/model.safetensors`, `fsync ${folder}/model.safetensors`, `fsync ${folder}`],
  ...[`rename ${checkpoint}`, 'fsync checkpoints'],
  ...['symlink checkpoints/.tmp-last-7', 'rename checkpoints/last', 'fsync checkpoints'],
];
const parse = (text: readonly string[]) =>
  text.map((line) => {
    const [name, path] = line.split(' ') as [string, string];
    return { name, path };
  });

test('a checkpoint after its rows and files, whose name is synced before the link to it, is on the disk', () => {
  expect(unsynced(parse(lines))).toEqual([]);
});

test('each sync that is left out is seen, though the folder is synced later for the link', () => {
  const first = lines.indexOf('fsync checkpoints');
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('fsync') || at > first) continue;
    const lost = at === first ? checkpoint : line.slice('fsync '.length);
    expect(unsynced(parse(lines.toSpliced(at, 1))), line).toEqual([lost]);
  }
});

test('a row that is written after its sync is seen', () => {
  const late = lines.toSpliced(lines.indexOf(`mkdir ${folder}`), 0, 'write metrics.jsonl');
  expect(unsynced(parse(late))).toEqual(['metrics.jsonl']);
});
