import {
  DataType,
  type GraphBuilder,
  shapeAttribute,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type { ResolvedInput } from '../inputs/input-spec.ts';
import type { Symbols } from './symbols.ts';

/** Adds the node through which an input is fed, and returns what `fn` sees of it. */
export function placeholder(
  builder: GraphBuilder,
  symbols: Symbols,
  { name, dtype, nativeType }: ResolvedInput,
  shape: readonly number[],
) {
  const attributes = [typeAttribute('dtype', nativeType), shapeAttribute('shape', shape)];
  const feed = {
    oper: builder.node('Placeholder', { name: `inputs/${name}`, attributes }),
    index: 0,
  };
  const origin = `input '${name}'`;
  if (dtype !== 'uint8') {
    return {
      feed,
      id: symbols.add({ shape, dtype: nativeType, origin, output: feed }),
      dtype: nativeType,
    };
  }
  return {
    feed,
    id: symbols.addBytes(builder, { shape, origin, bytes: feed }),
    dtype: DataType.INT32,
  };
}
