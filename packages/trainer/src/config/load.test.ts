import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigError } from '../errors.ts';
import { bundledRecipes, formatConfig, loadRecipe, mergeConfig } from './load.ts';
import { parseConfig } from './parse.ts';

const write = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'recipe-')), 'recipe.yaml');
  writeFileSync(path, text);
  return path;
};

test('every bundled recipe fits the schema once a dataset is given', () => {
  expect(bundledRecipes()).toContain('fashion-mnist-resnet20d');
  for (const name of bundledRecipes()) {
    const recipe = loadRecipe(name);
    const data = recipe.dataset === undefined ? { dataDir: 'images' } : {};
    expect(() => parseConfig({ ...data, ...recipe }), name).not.toThrow();
  }
});

test('a resolved configuration written as YAML reads back the same', () => {
  const config = parseConfig({ ...loadRecipe('resnet50-baseline'), dataset: 'synthetic' });
  expect(parseConfig(parse(formatConfig(config)))).toEqual(config);
  expect(parseConfig(loadRecipe(write(formatConfig(config))))).toEqual(config);
});

test('settings are laid over a recipe level by level', () => {
  const base = { mixup: { alpha: 0.2, lastEpochsOff: 3 }, epochs: 10 };
  expect(mergeConfig(base, { mixup: { alpha: 0.4 } })).toEqual({
    mixup: { alpha: 0.4, lastEpochsOff: 3 },
    epochs: 10,
  });
  expect(mergeConfig(base, { mixup: null })).toEqual({ mixup: null, epochs: 10 });
  expect(mergeConfig({ mixup: null }, { mixup: { alpha: 0.4 } })).toEqual({
    mixup: { alpha: 0.4 },
  });
  expect(mergeConfig({ list: [1, 2] }, { list: [3] })).toEqual({ list: [3] });
});

test('a recipe that is not there names the nearest one of ours', () => {
  expect(() => loadRecipe('resnet50d-bag-of-trick')).toThrow(
    "Did you mean 'resnet50d-bag-of-tricks'?",
  );
});

test.each([
  ['a: [1', 'not readable as YAML'],
  ['- 1\n- 2\n', 'expected a mapping of settings, got [1,2]'],
  ['mixup: &a { alpha: *a }', 'expected settings that end, got an alias (*)'],
  ['a: &a [x]\nb: &b [*a, &c [*a, *b]]', 'expected settings that end, got an alias (*)'],
  ['mixup: { __proto__: { alpha: 9 } }', "expected names of settings, got '__proto__'"],
  ['constructor: { prototype: { x: 1 } }', "expected names of settings, got 'constructor'"],
])('a file with %j is refused', (text, message) => {
  expect(() => loadRecipe(write(text))).toThrow(message);
  expect(() => loadRecipe(write(text))).toThrow(ConfigError);
});

test('an alias that ends is read as what it stands for', () => {
  const recipe = loadRecipe(write('mixup: &a { alpha: 0.3 }\ncutmix: *a\n'));
  expect(recipe).toEqual({ mixup: { alpha: 0.3 }, cutmix: { alpha: 0.3 } });
});
