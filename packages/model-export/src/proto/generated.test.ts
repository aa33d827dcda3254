import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the messages are those that the protos generate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'));
  const script = join(import.meta.dirname, '../../scripts/generate-proto.mjs');
  execFileSync(process.execPath, [script, folder]);
  for (const name of ['onnx.generated.ts', 'tensorflow.generated.ts']) {
    const now = readFileSync(join(folder, name), 'utf8');
    expect(readFileSync(join(import.meta.dirname, name), 'utf8')).toBe(now);
  }
  rmSync(folder, { recursive: true });
});
