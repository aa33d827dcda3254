import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the messages are those that the proto generates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'));
  const script = join(import.meta.dirname, '../../scripts/generate-proto.mjs');
  execFileSync(process.execPath, [script, join(folder, 'now.ts')]);
  const now = readFileSync(join(folder, 'now.ts'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(readFileSync(join(import.meta.dirname, 'tensorflow.generated.ts'), 'utf8')).toBe(now);
});
