import type { GraphBuilder, Pointer } from '@bag-of-tricks/libtensorflow/native';
import type { StateStore } from '../state-store.ts';
import type { FusedUpdates } from './fused-updates.ts';
import type { Symbols } from './symbols.ts';
import type { Update } from './traced-variables.ts';

/** Adds one operation that stands for all assignments, each after the old value was read. */
export function addUpdates(
  builder: GraphBuilder,
  store: StateStore,
  symbols: Symbols,
  updates: readonly Update[],
  inPlace: FusedUpdates,
): Pointer {
  const fused = inPlace.find(updates);
  const done = new Set(fused.flatMap(({ weight, velocity }) => [weight, velocity]));
  const assignments = updates
    .filter((update) => !done.has(update))
    .map(({ entry, id }) =>
      store.assign(
        entry.handle,
        symbols.resolve(id),
        entry.dtype,
        `state/${entry.variable.name}/assign`,
        [entry.value.oper],
      ),
    );
  return builder.node('NoOp', {
    name: 'update',
    after: [...assignments, ...inPlace.apply(builder, fused)],
  });
}
