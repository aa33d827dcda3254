import { join, posix, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathOf } from './file-url.ts';

const name = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((text) => !/[/\0]|^\.\.?$/.test(text));

test('what pathToFileURL makes of a path is that path', () => {
  fc.assert(
    fc.property(name, (part) => {
      const path = posix.join('/models', part, 'model.json');
      expect(pathOf(pathToFileURL(path, { windows: false }).href, { windows: false })).toBe(path);
    }),
  );
});

test.each([
  ['file:///a%20b/%C3%BC/model.json', '/a b/ü/model.json'],
  ['file:///a b/ü/model.json', '/a b/ü/model.json'],
  ['file:///50%/c#/why?/model.json', '/50%/c#/why?/model.json'],
  ['file:///back\\slash', '/back\\slash'],
])('%s is %s', (url, path) => {
  expect(pathOf(url, { windows: false })).toBe(path);
});

test.each([
  ['file://./model', join(process.cwd(), 'model')],
  ['file://model/a%20b', join(process.cwd(), 'model', 'a%20b')],
  ['file://../model', join(process.cwd(), '..', 'model')],
])('without a third slash %s is a path as it is, as in tfjs-node', (url, path) => {
  expect(pathOf(url, { windows: false })).toBe(path);
});

test.each([
  ['file:///C:/models/a%20b/model.json', 'C:\\models\\a b\\model.json'],
  ['file:///C:\\models\\c#\\model.json', 'C:\\models\\c#\\model.json'],
  ['file://C:\\models\\model.json', 'C:\\models\\model.json'],
  ['file://./model', win32.resolve('model')],
])('on Windows %s is %s', (url, path) => {
  expect(pathOf(url, { windows: true })).toBe(path);
});

test.each(['file:///latin1%E4', 'file:///a%2Fb'])('%s is refused', (url) => {
  expect(() => pathOf(url, { windows: false })).toThrow(
    /^file:\/\/: expected a percent-encoded path in UTF-8, got 'file:.*Use pathToFileURL/,
  );
});
