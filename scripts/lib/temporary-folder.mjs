import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Vitest's global set-up: tests and the processes that they start share a temporary folder that goes when they end, whatever they leave. */
export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'bag-of-tricks-tests-'));
  // Some tests act as another user.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
