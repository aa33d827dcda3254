import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, test } from 'vitest';
import type { Verdict } from './judge.ts';

// In a process of its own: jasmine wants globals that vitest has too, and a crash shall be a failure like any other.
const folder = mkdtempSync(join(tmpdir(), 'tfjs-core-'));
const file = join(folder, 'verdicts.json');
const main = join(import.meta.dirname, '..', 'dist', 'main.js');
// Rejects with all that it printed, should it crash.
const { stdout } = await promisify(execFile)(process.execPath, [main, file], {
  maxBuffer: 2 ** 26,
});
console.log(stdout);
const verdicts = JSON.parse(readFileSync(file, 'utf8')) as Verdict[];
rmSync(folder, { recursive: true });

describe("tfjs-core's own test", () => {
  for (const { name, status, message } of verdicts) {
    test(name, (context) => {
      if (status === 'skipped') context.skip(message);
      if (status === 'failed') throw new Error(message);
    });
  }
});
