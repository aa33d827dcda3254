import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { trustDefect } from './trust.ts';

const isRoot = process.geteuid?.() === 0;

function installation() {
  const folder = join(temporaryFolder(), 'cache', 'library');
  mkdirSync(join(folder, 'tensorflow'), { recursive: true, mode: 0o755 });
  const file = join(folder, 'tensorflow', 'core.so');
  writeFileSync(file, 'code', { mode: 0o644 });
  return { folder, file, look: () => trustDefect(folder, ['tensorflow/core.so']) };
}

test('what only this user can write is trusted, and a private group or a sticky folder does not matter', async () => {
  const { folder, file, look } = installation();
  expect(await look()).toBeUndefined();
  chmodSync(join(folder, '..'), 0o1777);
  expect(await look()).toBeUndefined();
  chownSync(file, process.geteuid!(), process.getegid!());
  chmodSync(file, 0o664);
  if (process.geteuid!() === process.getegid!()) expect(await look()).toBeUndefined();
});

test.each(['tensorflow/core.so', 'tensorflow', '.', '..'])(
  '%s that everybody can write is not trusted',
  async (path) => {
    const { folder, look } = installation();
    chmodSync(join(folder, path), 0o777);
    expect(await look()).toBe(
      `${join(folder, path)} can be written by other users (mode 777). Run chmod go-w on it, and install again if you do not know all who could`,
    );
  },
);

test.runIf(isRoot)(
  'a file of another user, or that a group can write, is not trusted',
  async () => {
    const { file, look } = installation();
    chownSync(file, 0, 4321);
    chmodSync(file, 0o664);
    expect(await look()).toContain(`${file} can be written by other users (mode 664)`);
    chmodSync(file, 0o644);
    chownSync(file, 1234, 1234);
    expect(await look()).toContain(`${file} belongs to user 1234`);
  },
);
