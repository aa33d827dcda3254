import { expect, test, vi } from 'vitest';
import { launchBrowser } from './launch-browser.ts';

vi.mock('puppeteer-core', () => ({ launch: () => Promise.reject(new Error('no such file')) }));
vi.mock('@sparticuz/chromium', () => ({
  default: { args: [], executablePath: () => Promise.reject(new Error('another processor')) },
}));

test('where no browser starts, it says why, and tests have null to be skipped by', async () => {
  vi.stubEnv('CHROMIUM_PATH', '');
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect(await launchBrowser()).toBeNull();
  expect(warn.mock.calls).toEqual([
    ['No browser, so its tests are skipped: no such file; another processor'],
  ]);
});

test('in the place of one that is named and does not start, no other is taken', async () => {
  vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium');
  await expect(launchBrowser()).rejects.toThrow(
    'CHROMIUM_PATH=/nowhere/chromium: expected a browser that starts. Correct or unset it',
  );
});
