import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { pageConfig } from '../../shared/src/page-config.ts';

test('a page is made around an export, and around nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page config-'));
  const file = join(folder, 'checkpoint');
  writeFileSync(file, '');
  for (const other of [folder, file, '/nowhere']) {
    vi.stubEnv('EXPORT', other);
    expect(() => pageConfig(folder)).toThrow(`EXPORT: expected the folder of an export, with`);
  }
  writeFileSync(join(folder, 'classifier.json'), '{}');
  vi.stubEnv('EXPORT', folder);
  const root = mkdtempSync(join(tmpdir(), 'page-'));
  expect(existsSync(join(`${pageConfig(root).publicDir}`, 'exported/classifier.json'))).toBe(true);
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  vi.stubEnv('EXPORT', '');
  pageConfig(root);
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^EXPORT is not set: /));
});
