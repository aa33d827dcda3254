import {
  assemble,
  type Code,
  i8x16NarrowU,
  i16x8,
  i32,
  i32x4,
  v128,
  WasmFunction,
} from './wasm-assembler.ts';
import { Instance, Module, type WasmMemory } from './web-assembly.ts';

/** Weights are whole numbers with this many bits of fraction, as in Pillow: 8 bits of pixel and 2 of headroom remain. */
export const WEIGHT_BITS = 32 - 8 - 2;

/** Rows that `resizeRows` treats at a time. */
export const ROW_GROUP = 4;

/** Bytes that `mixRows` treats at a time. */
export const BYTE_GROUP = 16;

/** Bytes of one entry of `taps`. */
export const TAP_BYTES = 12;

const PIXEL_BYTES = 3;
const WEIGHT_BYTES = 4;

/**
 * What the module exports. Addresses and strides are in bytes, each count is at least 1. `taps` holds three i32 for
 * each output column or row: how far its first source lies behind `source`, the number of weights, their address.
 */
export interface ResizeKernels {
  /** Makes each output pixel a weighted sum of neighbours in its row; one byte behind a row is overwritten. */
  resizeRows(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    rowGroups: number,
    columns: number,
    taps: number,
  ): void;
  /** Makes each output row a weighted sum of source rows; up to a byte group behind a row is overwritten. */
  mixRows(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    rows: number,
    byteGroups: number,
    taps: number,
  ): void;
}

const lanes = [0, 1, 2, 3] as const;
/** Half a unit, so that dropping the fraction rounds. */
const half = i32x4.splat(i32.const(1 << (WEIGHT_BITS - 1)));

/** Drops the fraction of sixteen sums and saturates them to bytes. */
function toBytes(sums: readonly [Code, Code, Code, Code]): Code {
  const whole = sums.map((sum) => i32x4.shiftRight(sum, WEIGHT_BITS));
  return i8x16NarrowU(i16x8.narrow(whole[0]!, whole[1]!), i16x8.narrow(whole[2]!, whole[3]!));
}

/** A pixel fills three lanes of a sum; the fourth is the next pixel's red, and is overwritten by it. */
function resizeRows(): WasmFunction {
  const f = new WasmFunction('resizeRows', [
    'source',
    'sourceStride',
    'target',
    'targetStride',
    'rowGroups',
    'columns',
    'taps',
  ]);
  const { get, set, increase } = f;
  for (const name of ['column', 'tap', 'tapCount', 'weight']) f.variable('i32', name);
  for (const lane of lanes) f.variable('i32', `from${lane}`);
  for (const lane of lanes) f.variable('i32', `to${lane}`);
  for (const lane of lanes) f.variable('v128', `sum${lane}`);
  f.variable('v128', 'factor');
  /** Four addresses, a row apart. */
  const rowsFrom = (name: string, start: Code, stride: string) =>
    lanes.map((lane) =>
      set(`${name}${lane}`, lane === 0 ? start : i32.add(get(`${name}${lane - 1}`), get(stride))),
    );
  const pixel = (lane: number) => i32x4.extendLowU(v128.load8x8u(get(`from${lane}`)));

  return f.body([
    f.repeat('rowGroups', [
      set('column', get('columns')),
      set('tap', get('taps')),
      ...rowsFrom('to', get('target'), 'targetStride'),
      f.repeat('column', [
        ...rowsFrom('from', i32.add(get('source'), i32.load(get('tap'))), 'sourceStride'),
        ...lanes.map((lane) => set(`sum${lane}`, half)),
        set('tapCount', i32.load(get('tap'), 4)),
        set('weight', i32.load(get('tap'), 8)),
        f.repeat('tapCount', [
          set('factor', v128.load32Splat(get('weight'))),
          ...lanes.flatMap((lane) => [
            set(`sum${lane}`, i32x4.add(get(`sum${lane}`), i32x4.mul(pixel(lane), get('factor')))),
            increase(`from${lane}`, i32.const(PIXEL_BYTES)),
          ]),
          increase('weight', i32.const(WEIGHT_BYTES)),
        ]),
        set('factor', toBytes([get('sum0'), get('sum1'), get('sum2'), get('sum3')])),
        ...lanes.flatMap((lane) => [
          v128.store32(get(`to${lane}`), get('factor'), lane),
          increase(`to${lane}`, i32.const(PIXEL_BYTES)),
        ]),
        increase('tap', i32.const(TAP_BYTES)),
      ]),
      ...lanes.flatMap(() => [
        increase('source', get('sourceStride')),
        increase('target', get('targetStride')),
      ]),
    ]),
  ]);
}

function mixRows(): WasmFunction {
  const f = new WasmFunction('mixRows', [
    'source',
    'sourceStride',
    'target',
    'targetStride',
    'rows',
    'byteGroups',
    'taps',
  ]);
  const { get, set, increase } = f;
  for (const name of ['group', 'column', 'from', 'to', 'tapCount', 'weight'])
    f.variable('i32', name);
  for (const lane of lanes) f.variable('v128', `sum${lane}`);
  for (const name of ['factor', 'bytes', 'low', 'high']) f.variable('v128', name);
  const addTo = (lane: number, values: Code) =>
    set(`sum${lane}`, i32x4.add(get(`sum${lane}`), i32x4.mul(values, get('factor'))));

  return f.body([
    f.repeat('rows', [
      set('group', get('byteGroups')),
      set('column', i32.add(get('source'), i32.load(get('taps')))),
      set('to', get('target')),
      f.repeat('group', [
        set('from', get('column')),
        ...lanes.map((lane) => set(`sum${lane}`, half)),
        set('tapCount', i32.load(get('taps'), 4)),
        set('weight', i32.load(get('taps'), 8)),
        f.repeat('tapCount', [
          set('factor', v128.load32Splat(get('weight'))),
          set('bytes', v128.load(get('from'))),
          set('low', i16x8.extendLowU(get('bytes'))),
          set('high', i16x8.extendHighU(get('bytes'))),
          addTo(0, i32x4.extendLowU(get('low'))),
          addTo(1, i32x4.extendHighU(get('low'))),
          addTo(2, i32x4.extendLowU(get('high'))),
          addTo(3, i32x4.extendHighU(get('high'))),
          increase('from', get('sourceStride')),
          increase('weight', i32.const(WEIGHT_BYTES)),
        ]),
        v128.store(get('to'), toBytes([get('sum0'), get('sum1'), get('sum2'), get('sum3')])),
        increase('column', i32.const(BYTE_GROUP)),
        increase('to', i32.const(BYTE_GROUP)),
      ]),
      increase('taps', i32.const(TAP_BYTES)),
      increase('target', get('targetStride')),
    ]),
  ]);
}

const module = new Module(assemble([resizeRows(), mixRows()]));

/** The kernels on a memory of one's own. */
export function bindKernels(memory: WasmMemory): ResizeKernels {
  return new Instance(module, { env: { memory } }).exports as ResizeKernels;
}
