import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveError } from './errors.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

test('an error of saving promises checkpoints only where there are some, and names a limit or who may not write', () => {
  const run = mkdtempSync(join(tmpdir(), 'errors-'));
  const next = join(run, 'checkpoints', 'epoch-0002-step-00000008');
  mkdirSync(join(run, 'checkpoints', '.tmp-epoch-0002-step-00000008-7'), { recursive: true });
  const said = (path: string, code: string) => saveError(path, 'room', failure(code)).message;
  expect(said(next, 'EFBIG')).toBe(
    `${next}: expected room, got EFBIG (a file may not be that long here). Raise the limit (ulimit -f)`,
  );
  expect(said(next, 'EACCES')).toMatch(/got EACCES \(no permission\)\. Change its owner or mode/);
  expect(said(next, 'ENOSPC')).toMatch(
    /got ENOSPC \(the disk is full\)\. Make room or mend the disk$/,
  );
  mkdirSync(join(run, 'checkpoints', 'epoch-0001-step-00000004'));
  for (const path of [run, join(run, 'metrics.jsonl'), next])
    expect(said(path, 'ENOSPC')).toMatch(/disk; the checkpoints saved before are whole, --resume/);
});
