import {
  bindingConstants,
  DataType,
  type GraphBuilder,
  type GraphOutput,
  type Pointer,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type { Symbols } from './symbols.ts';
import type { Update } from './traced-variables.ts';

/** An update of a weight and its velocity that one op of TensorFlow makes in place. */
export interface NesterovUpdate {
  readonly weight: Update;
  readonly velocity: Update;
  readonly gradient: number;
  readonly learningRate: number;
  readonly momentum: number;
}

/**
 * Finds the updates of the form that `nesterov-sgd` has:
 * velocity := momentum * velocity + gradient, weight := weight - learningRate * (gradient + momentum * velocity).
 */
export function findNesterovUpdates(
  symbols: Symbols,
  updates: readonly Update[],
): NesterovUpdate[] {
  const byId = new Map(updates.map((update) => [update.id, update]));
  return updates.flatMap((weight) => matchNesterov(symbols, weight, byId) ?? []);
}

/** Adds the op; the values of before have been read when it runs. */
export function applyNesterov(
  builder: GraphBuilder,
  symbols: Symbols,
  { weight, velocity, gradient, learningRate, momentum }: NesterovUpdate,
): Pointer {
  const inputs: GraphOutput[] = [
    weight.entry.handle,
    velocity.entry.handle,
    ...[learningRate, gradient, momentum].map((id) => symbols.resolve(id)),
  ];
  return builder.node('ResourceApplyMomentum', {
    name: `state/${weight.entry.variable.name}/update`,
    inputs,
    attributes: [
      typeAttribute('T', DataType.FLOAT),
      { name: 'use_nesterov', type: bindingConstants.TF_ATTR_BOOL, value: true },
    ],
    after: [weight.entry.value.oper, velocity.entry.value.oper],
  });
}

function matchNesterov(
  symbols: Symbols,
  weight: Update,
  updates: ReadonlyMap<number, Update>,
): NesterovUpdate | undefined {
  const [old, step] = symbols.operands(weight.id, 'Sub') ?? [];
  if (old !== weight.readId || weight.entry.dtype !== DataType.FLOAT) return undefined;
  const [direction, learningRate] = scaled(symbols, step) ?? [];
  for (const [gradient, ahead] of orders(symbols.operands(direction, 'Add'))) {
    const [next, momentum] = scaled(symbols, ahead) ?? [];
    const velocity = next === undefined ? undefined : updates.get(next);
    if (velocity === undefined || velocity === weight || !sameShape(velocity, weight)) continue;
    for (const [decayed, added] of orders(symbols.operands(velocity.id, 'Add'))) {
      const [before, factor] = scaled(symbols, decayed) ?? [];
      const isNesterov =
        before === velocity.readId && added === gradient && symbols.areSame(factor!, momentum!);
      if (isNesterov && String(symbols.get(gradient).shape) === String(weight.entry.shape)) {
        return { weight, velocity, gradient, learningRate: learningRate!, momentum: momentum! };
      }
    }
  }
  return undefined;
}

/** The factors of a product with a scalar, the scalar last. */
function scaled(symbols: Symbols, id: number | undefined): [number, number] | undefined {
  return orders(symbols.operands(id, 'Mul')).find(
    ([, scalar]) => symbols.get(scalar).shape.length === 0,
  );
}

function orders(operands: readonly number[] | undefined): [number, number][] {
  if (operands?.length !== 2) return [];
  const [a, b] = operands as [number, number];
  return [
    [a, b],
    [b, a],
  ];
}

function sameShape(a: Update, b: Update): boolean {
  return String(a.entry.shape) === String(b.entry.shape);
}
