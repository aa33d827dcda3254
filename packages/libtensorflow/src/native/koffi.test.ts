import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('importing the package loads no native code', () => {
  const script = `
    await import('@bag-of-tricks/libtensorflow');
    await import('@bag-of-tricks/libtensorflow/native');
    console.log(process.report.getReport().sharedObjects.filter((path) => path.includes('koffi')).length);
  `;
  const args = ['--input-type=module', '--eval', script];
  const options = { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' } as const;
  expect(execFileSync(process.execPath, args, options).trim()).toBe('0');
});
