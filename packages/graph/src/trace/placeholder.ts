import {
  DataType,
  type GraphBuilder,
  shapeAttribute,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type { ResolvedInput } from '../inputs/input-spec.ts';
import type { Stage } from '../inputs/stage.ts';
import type { Symbols } from './symbols.ts';

/** Adds the node through which an input is fed, or the key of its value on the device, and returns what `fn` sees of it. */
export function placeholder(
  builder: GraphBuilder,
  symbols: Symbols,
  { name, dtype, nativeType }: ResolvedInput,
  shape: readonly number[],
  stage: Stage | undefined,
) {
  const attributes = [typeAttribute('dtype', nativeType), shapeAttribute('shape', shape)];
  const fed = () => {
    const oper = builder.node('Placeholder', { name: `inputs/${name}`, attributes });
    return { feed: { oper, index: 0 }, value: { oper, index: 0 } };
  };
  const { feed, value } = stage?.take(shape) ?? fed();
  const origin = `input '${name}'`;
  const isBytes = dtype === 'uint8';
  const id = isBytes
    ? symbols.addBytes(builder, { shape, origin, bytes: value })
    : symbols.add({ shape, dtype: nativeType, origin, output: value });
  return { feed, id, dtype: isBytes ? DataType.INT32 : nativeType };
}
