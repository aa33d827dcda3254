import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { renamePatiently, renamePatientlySync } from './rename-patiently.ts';

/** What the next renamings end in; none of them is done. */
const ends: string[] = [];
let asked = 0;

function end(): void {
  asked++;
  const code = ends.shift();
  if (code !== undefined) throw Object.assign(new Error(code), { code });
}

vi.mock('node:fs', async (original) => ({ ...(await original<typeof fs>()), renameSync: end }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof promises>()),
  rename: async () => end(),
}));

beforeEach(() => {
  ends.length = 0;
  asked = 0;
});

test.each([
  ['renamePatiently', renamePatiently],
  [
    'renamePatientlySync',
    async (...args: Parameters<typeof renamePatientlySync>) => renamePatientlySync(...args),
  ],
] as const)(
  '%s waits on Windows until a file is no longer open elsewhere, a second at most',
  async (_, rename) => {
    ends.push('EPERM', 'EBUSY');
    await rename('a', 'b', 'win32');
    expect(asked).toBe(3);
    ends.push(...new Array<string>(50).fill('EACCES'));
    await expect(rename('a', 'b', 'win32')).rejects.toThrow('EACCES');
    expect(asked).toBe(3 + 21);
    asked = 0;
    for (const [code, os] of [
      ['EPERM', 'linux'],
      ['ENOSPC', 'win32'],
    ] as const) {
      ends.splice(0, ends.length, code);
      await expect(rename('a', 'b', os)).rejects.toThrow(code);
    }
    expect(asked).toBe(2);
  },
);
