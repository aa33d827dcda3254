import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { binaryCases } from '../../test/kernel-cases/binary.ts';
import type { Computation, KernelCases } from '../../test/kernel-cases/case.ts';
import {
  difference,
  differenceOfValues,
  type Outcome,
  outcomeOn,
} from '../../test/kernel-cases/compare.ts';
import { convolutionCases } from '../../test/kernel-cases/convolutions.ts';
import { type Difference, differences } from '../../test/kernel-cases/differences.ts';
import { imageCases } from '../../test/kernel-cases/images.ts';
import { numberCases } from '../../test/kernel-cases/numbers.ts';
import { reductionCases } from '../../test/kernel-cases/reductions.ts';
import { dtypes, type Kind } from '../../test/kernel-cases/sample.ts';
import { searchCases } from '../../test/kernel-cases/search-and-strings.ts';
import { shapeCases } from '../../test/kernel-cases/shapes.ts';
import { unaryCases } from '../../test/kernel-cases/unary.ts';
import { registerTensorFlowBackend } from './register.ts';

await registerTensorFlowBackend();

const elementwise: KernelCases = { ...unaryCases, ...binaryCases };
const casesByKernel: KernelCases = {
  ...elementwise,
  ...reductionCases,
  ...shapeCases,
  ...numberCases,
  ...imageCases,
  ...convolutionCases,
  ...searchCases,
};

/** Kernels without cases here, and why. */
const elsewhere: Record<string, string> = {
  FusedBatchNormGradV3: 'ours alone, float32: kernels.test.ts compares it with the definition',
  FusedBatchNormV3: 'ours alone, float32: kernels.test.ts compares it with the definition',
  GroupedConv2D: 'ours alone, float32: grouped-convolution.test.ts compares it with the definition',
  Multinomial: 'draws at random: stock-kernels.test.ts counts its draws',
  ReluGrad: 'ours alone, float32: gradients.test.ts compares it with tfjs',
  Relu6Grad: 'ours alone, float32: gradients.test.ts compares it with tfjs',
  SoftmaxCrossEntropyWithLogits:
    'ours alone, float32: kernels.test.ts compares it with the definition',
};

/** An outcome of ours, and how to get others of the same computation. */
interface Run {
  readonly name: string;
  readonly dtype: tf.DataType;
  readonly outcome: Outcome;
  readonly cpu: (kind: Kind) => Promise<Outcome>;
  readonly line: () => Promise<Outcome>;
}

const used = new Set<Difference>();
const called = new Set<string>();

/** What is wrong with a computation on our backend; `undefined` if nothing is. */
async function fault(kernel: string, name: string, compute: Computation, dtype: tf.DataType) {
  const { outcome, kernels } = await outcomeOn('tensorflow', compute, dtype);
  // tf.div of whole numbers, say, goes to another kernel, which has its own cases.
  if (typeof outcome !== 'string' && !kernels.includes(kernel)) return undefined;
  called.add(kernel);
  const cpu = (kind: Kind) => outcomeOn('cpu', compute, kind).then((run) => run.outcome);
  const found = difference(outcome, await cpu(dtype), !(kernel in elementwise));
  if (found === undefined) return undefined;
  const known = differences.find(
    ({ kernels, kinds, cases, expected }) =>
      kernels.includes(kernel) &&
      kinds.includes(dtype) &&
      (cases?.includes(name) ?? (isByCase(expected) ? name in expected : true)),
  );
  if (known === undefined) return found;
  used.add(known);
  const line = () => outcomeOn('tensorflow', compute, 'real line').then((run) => run.outcome);
  return faultBeside(known, { name, dtype, outcome, cpu, line });
}

/** The same, of an outcome that is known to differ from the cpu backend's. */
async function faultBeside({ expected }: Difference, { name, dtype, outcome, cpu, line }: Run) {
  if (expected === 'nothing') return undefined;
  if (expected instanceof RegExp) {
    return expected.test(String(outcome)) ? undefined : `expected ${expected}, got ${outcome}`;
  }
  if (typeof outcome === 'string') return outcome;
  if (isByCase(expected)) {
    const values = outcome.flatMap((output) => output.values);
    return String(values) === String(expected[name]) ? undefined : `is ${values}`;
  }
  if (expected === 'in floats') {
    const kind = dtype === 'float32' ? dtype : (`${dtype} in floats` as Kind);
    return differenceOfValues(outcome, await cpu(kind), true);
  }
  if (expected === 'by parts') {
    const parts = joined(await cpu('real part'), await cpu('imaginary part'));
    return differenceOfValues(outcome, parts, true);
  }
  const real = await cpu('real part');
  return differenceOfValues(whereKnown(await line(), real), real);
}

function isByCase(
  expected: Difference['expected'],
): expected is Readonly<Record<string, readonly number[]>> {
  return typeof expected === 'object' && !(expected instanceof RegExp);
}

function joined(real: Outcome, imaginary: Outcome): Outcome {
  if (typeof real === 'string' || typeof imaginary === 'string') return real;
  return real.map(({ shape, values }, i) => ({
    shape,
    dtype: 'complex64',
    values: [...values, ...imaginary[i]!.values],
  }));
}

/** Real parts, where the float32 function is finite. */
function whereKnown(actual: Outcome, expected: Outcome): Outcome {
  if (typeof actual === 'string' || typeof expected === 'string') return actual;
  return actual.map(({ shape, dtype, values }, i) => ({
    shape,
    dtype: dtype === 'complex64' ? 'float32' : dtype,
    values: expected[i]!.values.map((value, j) => (Number.isFinite(value) ? values[j]! : value)),
  }));
}

test('every kernel has cases here, or a reason why not', () => {
  const registered = tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
  const known = [...Object.keys(casesByKernel), ...Object.keys(elsewhere)];
  expect([...registered].sort()).toEqual(known.sort());
});

describe.each(Object.entries(casesByKernel))('%s', (kernel, cases) => {
  test.each(dtypes)('on %s is that of the cpu backend', async (dtype) => {
    const faults: string[] = [];
    for (const [name, compute] of Object.entries(cases)) {
      if (compute.length === 0 && dtype !== 'float32') continue;
      const found = await fault(kernel, name, compute, dtype);
      if (found !== undefined) faults.push(`${name}: ${found}`);
    }
    expect(faults, faults.join('\n')).toEqual([]);
  });
});

test('the cases of every kernel reach it', () => {
  expect(Object.keys(casesByKernel).filter((kernel) => !called.has(kernel))).toEqual([]);
});

test('every difference from the cpu backend is one still', () => {
  expect(differences.filter((known) => !used.has(known)).map(({ reason }) => reason)).toEqual([]);
});
