import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ThreadLog } from './thread-log.ts';

test.skipIf(process.platform !== 'linux')(
  'two threads that hold the standard error output at once leave it where it was',
  () => {
    const script = new URL('../../test/hold-in-two-threads.mjs', import.meta.url);
    const printed = execFileSync(process.execPath, [fileURLToPath(script)], { encoding: 'utf8' });
    expect(printed).toBe('true\n');
  },
);

test.each(['darwin', 'win32'])('on %s a thread has no log of its own', async (os) => {
  expect(await ThreadLog.open(os)).toBeUndefined();
});
