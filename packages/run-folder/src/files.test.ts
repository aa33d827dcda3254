import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPart } from './files.ts';

test('a missing part of a checkpoint is an error that names the file', async () => {
  await expect(readPart(mkdtempSync(join(tmpdir(), 'part-')), 'state.json')).rejects.toThrow(
    /expected a readable file state\.json, got ENOENT/,
  );
});
