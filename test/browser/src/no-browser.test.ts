import { expect, test, vi } from 'vitest';
import { launchBrowser } from './launch-browser.ts';

vi.mock('puppeteer-core', () => ({ launch: () => Promise.reject(new Error('no such file')) }));
vi.mock('@sparticuz/chromium', () => ({
  default: { args: [], executablePath: () => Promise.reject(new Error('another processor')) },
}));

test('where no browser starts, it says why, and tests have null to be skipped by', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect(await launchBrowser()).toBeNull();
  expect(warn.mock.calls).toEqual([
    ['No browser, so its tests are skipped: no such file; another processor'],
  ]);
});
