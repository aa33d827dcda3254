import { readFileSync } from 'node:fs';
import { pinsOf } from '@bag-of-tricks/test-platforms/fetch-wheel';
import { describe, expect, test } from 'vitest';
import type { Copies } from './describe.ts';
import type { GraphNode } from './graph-def.ts';
import { requireKnown } from './place.ts';
import { describeRecipe, RECIPES, traceRecipe } from './steps.ts';
import { formatGpu, type GpuTable } from './table.ts';
import { WHEEL } from './wheel.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const table: GpuTable = JSON.parse(read('../gpu.json'));

test('what was asked is the wheel that is pinned, and the page is made of the table', () => {
  const { version, hashes } = pinsOf(WHEEL);
  expect([version, hashes], 'run pnpm platforms:gpu').toEqual([table.tensorflow, [table.sha256]]);
  expect(read('../GPU.md')).toBe(formatGpu(table));
});

const copiesOf = (copies: readonly Copies[]) => copies.map((copy) => JSON.stringify(copy)).sort();

describe.each(RECIPES)('$name', { tags: ['slow'] }, (recipe) => {
  test('has the ops of the table, and copies what it says, nothing within a step', async () => {
    for (const step of await describeRecipe(await traceRecipe(recipe), table)) {
      expect(step.copies.filter(({ kind }) => kind === 'within')).toEqual([]);
      const committed = table.steps.find(({ name }) => name === step.name);
      expect(copiesOf(step.copies), 'run pnpm platforms:gpu').toEqual(
        copiesOf(committed?.copies ?? []),
      );
      expect(step.onCpu).toEqual(committed?.onCpu);
      // Else a step would wait there for what is here.
      if (step.name === recipe.next) {
        expect(step).toMatchObject({ onCpu: {}, copies: [{ kind: 'in' }] });
      }
    }
  });
});

test('an op or a type that is not in the table is an error that says what to run', () => {
  const node: GraphNode = {
    ...{ name: 'a', op: 'Relu', inputs: [], after: [], device: '', numbers: {} },
    types: { T: [1] },
  };
  expect(() => requireKnown([node], table)).not.toThrow();
  for (const other of [{ op: 'Relu7' }, { types: { T: [18] } }]) {
    expect(() => requireKnown([{ ...node, ...other }], table)).toThrow(
      /got none for Relu.* Run pnpm platforms:gpu/,
    );
  }
});
