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
  const toInt32 = [typeAttribute('SrcT', DataType.UINT8), typeAttribute('DstT', DataType.INT32)];
  const cast = () => ({
    oper: builder.node('Cast', { inputs: [feed], attributes: toInt32 }),
    index: 0,
  });
  const id = symbols.add({ shape, dtype: DataType.INT32, origin, output: cast, bytes: feed });
  return { feed, id, dtype: DataType.INT32 };
}
