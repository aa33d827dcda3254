import { DataType } from '@bag-of-tricks/libtensorflow/native';
import type { Precision } from '../contestants/precision.ts';
import type { OpTime } from '../contestants/step-spec.ts';
import type { GraphNode } from './graph-def.ts';

/** TensorFlow's ops that a step's time goes into. */
const MATRIX_OPS = new Set([
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'BatchMatMulV2',
  'MatMul',
]);

const names: Readonly<Record<number, Precision>> = {
  [DataType.FLOAT]: 'float32',
  [DataType.BFLOAT16]: 'bfloat16',
  [DataType.HALF]: 'float16',
};

/** How many convolutions, gradients of them and matrix products of each type a graph holds. */
export function countMatrixOps(nodes: readonly GraphNode[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op, type } of nodes) {
    if (!MATRIX_OPS.has(op)) continue;
    const key = `${op} ${names[type!] ?? type}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** What all of them compute in; `mixed` where they differ, null where there are none. */
export function precisionOf(
  matrixOps: Readonly<Record<string, number>>,
): Precision | 'mixed' | null {
  const types = new Set(Object.keys(matrixOps).map((key) => key.split(' ')[1] as Precision));
  return types.size > 1 ? 'mixed' : ([...types][0] ?? null);
}

/**
 * What a step computes in: the type of its matrix ops or, where those are float32 on operands rounded to a low type, that one,
 * which the activations between them have.
 */
export function computedPrecision(nodes: readonly GraphNode[]): Precision | 'mixed' | null {
  const ofMatrixOps = precisionOf(countMatrixOps(nodes));
  if (ofMatrixOps !== 'float32') return ofMatrixOps;
  const types = new Set(nodes.filter(({ op }) => op === 'Relu').map(({ type }) => names[type!]));
  return types.size === 1 ? ([...types][0] ?? ofMatrixOps) : ofMatrixOps;
}

/**
 * Whether TensorFlow rewrote a graph to low precision: its rewrite is in no GraphDef, but the casts that it adds were run.
 * Every convolution needs one for its float32 weight.
 */
export function wasRewritten(nodes: readonly GraphNode[], ran: readonly OpTime[]): boolean {
  const casts = ran.find(({ op }) => op === 'Cast')?.count ?? 0;
  const count = (op: string) => nodes.filter((node) => node.op === op).length;
  return casts - count('Cast') >= count('Conv2D');
}
