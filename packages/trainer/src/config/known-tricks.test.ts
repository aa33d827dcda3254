import { defineTrick } from '@bag-of-tricks/train-step';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fit } from '../fit.ts';
import type { FitOptions } from '../run/train-options.ts';
import { tricks } from '../tricks/index.ts';
import { knownBy, withPlugins } from './known-tricks.ts';
import { parseConfig } from './parse.ts';

const named = (name: string) => defineTrick({ name, description: name, settings: {} });

test('a trick that is not called is an error that calls it', async () => {
  await expect(
    fit({ dataset: 'synthetic', tricks: [tricks.mixup(), tricks.ema as never] }),
  ).rejects.toThrow(
    "tricks[1]: expected a trick with its settings, got the function 'ema'. Call it: ema()",
  );
  for (const none of ['x', null, {}, undefined]) {
    expect(() => knownBy([none as never])).toThrow(/tricks\[0\]: expected a trick .*Call it/);
  }
});

test('a trick that is given as a recipe gives it is an error that names `tricks`', async () => {
  const given = { dataset: 'synthetic', mixup: true } as FitOptions;
  await expect(fit(given)).rejects.toThrow(/^mixup: .*in `tricks`.*tricks: \[mixup\(\.\.\.\)\]/);
  const noise = named('noise');
  await expect(
    fit({ ...given, mixup: undefined, noise: {}, tricks: [noise()] } as never),
  ).rejects.toThrow(/^noise: .*in `tricks`/);
});

test('two tricks of one name are an error, be they ours or not', async () => {
  const twice = (name: string) => `tricks: expected tricks of different names, got '${name}' twice`;
  const [one, other] = [tricks.ema({ decay: 0.9 }), tricks.ema({ decay: 0.99 })];
  await expect(fit({ dataset: 'synthetic', tricks: [one, other] })).rejects.toThrow(twice('ema'));
  expect(() => knownBy([named('noise')(), named('noise')()])).toThrow(twice('noise'));
  expect(() => knownBy([named('ema')()])).toThrow("got 'ema' twice");
});

test("a trick's name is neither a setting nor a part of a path", () => {
  for (const name of ['batchSize', 'optimizer', 'random', 'a/b', 'a.b', '']) {
    expect(() => withPlugins([named(name)])).toThrow(`nor 'random', got '${name}'`);
  }
  expect(withPlugins([named('noise')]).at(-1)!.name).toBe('noise');
});

test('settings that are checked already are not checked again', () => {
  const half = defineTrick({
    ...{ name: 'half', description: 'halves' },
    settings: { of: z.string().transform((text) => Number(text) / 2) },
  });
  const configured = [half({ of: '3' }), tricks.ema({ decay: 0.5 })];
  const known = knownBy(configured);
  const config = parseConfig({ dataset: 'synthetic' }, { known, configured });
  expect(config).toMatchObject({ half: { of: 1.5 }, ema: { decay: 0.5 }, mixup: null });
});
