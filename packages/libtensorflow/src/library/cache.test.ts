import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheRoot } from './cache.ts';

test('the cache follows XDG_CACHE_HOME, and ignores a relative one as the XDG rules say', () => {
  const home = join(homedir(), '.cache', 'bag-of-tricks');
  const root = (env: NodeJS.ProcessEnv) => cacheRoot(env, 'linux');
  expect(root({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/bag-of-tricks');
  expect(root({ XDG_CACHE_HOME: 'relative' })).toBe(home);
  expect(root({})).toBe(home);
});

test('on macOS and Windows the cache is where these systems keep caches', () => {
  expect(cacheRoot({}, 'darwin', '/Users/eve')).toBe('/Users/eve/Library/Caches/bag-of-tricks');
  const eve = 'C:\\Users\\eve b';
  const local = `${eve}\\AppData\\Local`;
  expect(cacheRoot({}, 'win32', eve)).toBe(`${local}\\bag-of-tricks\\Cache`);
  expect(cacheRoot({ LOCALAPPDATA: 'D:\\x' }, 'win32', eve)).toBe('D:\\x\\bag-of-tricks\\Cache');
  expect(cacheRoot({ XDG_CACHE_HOME: 'E:\\y' }, 'win32', eve)).toBe('E:\\y\\bag-of-tricks');
});
