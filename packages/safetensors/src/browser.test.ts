import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Everything that a module imports, directly or through others. */
function importsOf(file: URL, seen = new Set<string>()): Set<string> {
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/^(?! \*).*from '([^']+)'/gm)) {
    const target = specifier!.startsWith('.') ? new URL(specifier!, file).href : specifier!;
    if (seen.has(target)) continue;
    seen.add(target);
    if (specifier!.startsWith('.')) importsOf(new URL(target), seen);
  }
  return seen;
}

const outside = (entry: string) =>
  [...importsOf(new URL(entry, import.meta.url))].filter((target) => !target.startsWith('file:'));

test('the root imports nothing, so that it works in a browser; ./node imports Node’s own modules and durable-files only', () => {
  expect(outside('./index.ts')).toEqual([]);
  expect(
    outside('./node.ts').every((target) => /^(node:|@bag-of-tricks\/durable-files$)/.test(target)),
  ).toBe(true);
  expect(outside('./node.ts')).toContain('node:fs/promises');
});
