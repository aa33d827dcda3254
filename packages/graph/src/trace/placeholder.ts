import { DataType } from '@bag-of-tricks/libtensorflow/native';
import type { ResolvedInput } from '../inputs/input-spec.ts';
import { shapeAttribute, typeAttribute } from '../native/attributes.ts';
import type { GraphBuilder } from '../native/graph-builder.ts';
import type { GraphBinding } from './graph-binding.ts';

/** Adds the node through which an input is fed, and answers what `fn` sees of it. */
export function placeholder(
  builder: GraphBuilder,
  graph: GraphBinding,
  { name, dtype, nativeType }: ResolvedInput,
  shape: readonly number[],
) {
  const attributes = [typeAttribute('dtype', nativeType), shapeAttribute('shape', shape)];
  const feed = {
    oper: builder.node('Placeholder', { name: `inputs/${name}`, attributes }),
    index: 0,
  };
  const origin = `input '${name}'`;
  if (dtype === 'uint8') {
    return { feed, id: graph.reserveBytes(shape, feed, origin), dtype: DataType.INT32 };
  }
  const id = graph.reserve({ shape, dtype: nativeType, origin, output: feed });
  return { feed, id, dtype: nativeType };
}
