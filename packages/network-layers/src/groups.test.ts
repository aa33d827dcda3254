import { expect, test } from 'vitest';
import { layerGroups } from './groups.ts';

test('names fall into stem, blocks by stage, and head; what is between blocks and head is of the last block', () => {
  const names = ['conv_stem.weight', 'bn1.weight', 'blocks.0.0.a', 'blocks.1.0.a', 'blocks.1.0.b'];
  const rest = ['blocks.1.1.a', 'blocks.1.10.a', 'conv_head.weight', 'fc.weight', 'fc.bias'];
  const rules = { block: /^blocks\.(\d+)\.\d+/, head: 'fc' };
  const groups = layerGroups([...names, ...rest], rules);
  expect(groups).toEqual([
    { stage: 'stem', parameters: ['conv_stem.weight', 'bn1.weight'] },
    { stage: 'stage1', parameters: ['blocks.0.0.a'] },
    { stage: 'stage2', parameters: ['blocks.1.0.a', 'blocks.1.0.b'] },
    { stage: 'stage2', parameters: ['blocks.1.1.a'] },
    { stage: 'stage2', parameters: ['blocks.1.10.a', 'conv_head.weight'] },
    { stage: 'head', parameters: ['fc.weight', 'fc.bias'] },
  ]);
});

test('a name that only begins like the head is not of it', () => {
  const rules = { block: /^layer(\d+)/, head: 'fc' };
  expect(layerGroups(['fc1.weight', 'fc.weight'], rules).map(({ stage }) => stage)).toEqual([
    'stem',
    'head',
  ]);
});
