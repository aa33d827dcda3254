import { expect, test } from 'vitest';
import { eagerPrototypes } from './eager-prototypes.ts';
import { graphPrototypes } from './graph-prototypes.ts';
import { tensorPrototypes } from './tensor-prototypes.ts';

// `long` has 4 bytes on Windows and 8 elsewhere, `wchar_t` 2 and 4.
const sameEverywhere = /^(void|char|int|float|size_t|uint8_t|int64_t|TFE?_\w+)$/;

test('what is called takes only types of C that have the same size on every system', () => {
  const all = Object.entries({ ...tensorPrototypes, ...eagerPrototypes, ...graphPrototypes });
  expect(all.length).toBeGreaterThan(80);
  for (const [name, { c }] of all) {
    const words = c
      .match(/\w+/g)!
      .filter((word) => !['const', '_Out_', '_Inout_', name].includes(word));
    expect(
      words.filter((word) => !sameEverywhere.test(word)),
      c,
    ).toEqual([]);
  }
});
