import { countParameters } from '@bag-of-tricks/resnet-variants';
import { expect, test } from 'vitest';
import { pythonProgram } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';

const python = process.env.BENCH_PYTHON ?? '';

test.skipIf(python === '')(
  "PyTorch's networks have as many parameters as ours (needs BENCH_PYTHON with PyTorch)",
  { tags: ['slow'] },
  async () => {
    const args = [pythonProgram('count_parameters'), 'resnet20d:10', 'resnet50d:1000'];
    expect(await runChild({ file: python, args })).toEqual({
      resnet20d: countParameters({ depth: 20, variant: 'd', numClasses: 10 }),
      resnet50d: countParameters({ depth: 50, variant: 'd', numClasses: 1000 }),
    });
  },
);
