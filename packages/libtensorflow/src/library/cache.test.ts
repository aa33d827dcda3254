import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheRoot } from './cache.ts';

test('the cache follows XDG_CACHE_HOME, and ignores a relative one as the XDG rules say', () => {
  const home = join(homedir(), '.cache', 'bag-of-tricks');
  expect(cacheRoot({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/bag-of-tricks');
  expect(cacheRoot({ XDG_CACHE_HOME: 'relative' })).toBe(home);
  expect(cacheRoot({})).toBe(home);
});
