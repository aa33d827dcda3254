import {
  assemble,
  type Code,
  i8x16,
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

/** Bytes of the weights of two sources. */
export const PAIR_BYTES = 8;

/** Bits of a weight's low part. Two pairs of 16 bits are multiplied in half the time of one of 32. */
const LOW_BITS = 11;
const LOW_MASK = (1 << LOW_BITS) - 1;

const PIXEL_BYTES = 3;

/** Writes the weight of source `index` to the pairs that begin at `at`: of each the high parts of both, then the low ones. */
export function writeWeight(pairs: Int16Array, at: number, index: number, weight: number): void {
  const place = at + (index >> 1) * (PAIR_BYTES / 2) + (index & 1);
  pairs[place] = weight >> LOW_BITS;
  pairs[place + 2] = weight & LOW_MASK;
}

/**
 * What the module exports. Addresses and strides are in bytes, each count is at least 1. `taps` holds three i32 for
 * each output column or row: how far its first source lies behind `source`, how many pairs of sources make it, the
 * address of their weights. The second of a pair is read even where it weighs nothing.
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
const zero = i32x4.splat(i32.const(0));

const clearSums = (f: WasmFunction): Code[] =>
  lanes.flatMap((lane) => [f.set(`high${lane}`, zero), f.set(`low${lane}`, half)]);

const loadWeights = (f: WasmFunction): Code[] => [
  f.set('highWeights', v128.load32Splat(f.get('weights'))),
  f.set('lowWeights', v128.load32Splat(f.get('weights'), PAIR_BYTES / 2)),
  f.increase('weights', i32.const(PAIR_BYTES)),
];

/** Adds pairs of values, each of 16 bits, times their weights to the sums of a lane. */
function addPairs(f: WasmFunction, lane: number, values: Code): Code[] {
  const add = (part: 'high' | 'low') =>
    f.set(
      `${part}${lane}`,
      i32x4.add(f.get(`${part}${lane}`), i32x4.dot(f.get('values'), f.get(`${part}Weights`))),
    );
  return [f.set('values', values), add('high'), add('low')];
}

/** Joins the sixteen sums, drops their fractions and saturates them to bytes. */
function sumsAsBytes(f: WasmFunction): Code {
  const whole = lanes.map((lane) => {
    const high = i32x4.shiftLeft(f.get(`high${lane}`), LOW_BITS);
    return i32x4.shiftRight(i32x4.add(high, f.get(`low${lane}`)), WEIGHT_BITS);
  });
  return i8x16.narrowU(i16x8.narrow(whole[0]!, whole[1]!), i16x8.narrow(whole[2]!, whole[3]!));
}

function declareSums(f: WasmFunction): void {
  for (const lane of lanes) {
    f.variable('v128', `high${lane}`);
    f.variable('v128', `low${lane}`);
  }
  for (const name of ['values', 'highWeights', 'lowWeights']) f.variable('v128', name);
}

/** Of two pixels side by side the reds, the greens and the blues, each in 16 bits; then zeros. */
const besideEachOther = v128.const(
  [0, 3, 1, 4, 2, 5, undefined, undefined].flatMap((byte) => [byte ?? 0x80, 0x80]),
);

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
  for (const name of ['column', 'tap', 'pairs', 'weights']) f.variable('i32', name);
  for (const lane of lanes) f.variable('i32', `from${lane}`);
  for (const lane of lanes) f.variable('i32', `to${lane}`);
  declareSums(f);
  for (const name of ['places', 'bytes']) f.variable('v128', name);
  /** Four addresses, a row apart. */
  const rowsFrom = (name: string, start: Code, stride: string) =>
    lanes.map((lane) =>
      set(`${name}${lane}`, lane === 0 ? start : i32.add(get(`${name}${lane - 1}`), get(stride))),
    );
  const pixelPair = (lane: number) =>
    i8x16.swizzle(v128.load64Zero(get(`from${lane}`)), get('places'));

  return f.body([
    set('places', besideEachOther),
    f.repeat('rowGroups', [
      set('column', get('columns')),
      set('tap', get('taps')),
      ...rowsFrom('to', get('target'), 'targetStride'),
      f.repeat('column', [
        ...rowsFrom('from', i32.add(get('source'), i32.load(get('tap'))), 'sourceStride'),
        ...clearSums(f),
        set('pairs', i32.load(get('tap'), 4)),
        set('weights', i32.load(get('tap'), 8)),
        f.repeat('pairs', [
          ...loadWeights(f),
          ...lanes.flatMap((lane) => [
            ...addPairs(f, lane, pixelPair(lane)),
            increase(`from${lane}`, i32.const(2 * PIXEL_BYTES)),
          ]),
        ]),
        set('bytes', sumsAsBytes(f)),
        ...lanes.flatMap((lane) => [
          v128.store32(get(`to${lane}`), get('bytes'), lane),
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

/** The bytes of two registers in turns: of their first halves, or of their second ones. */
const inTurns = (first: number) =>
  Array.from({ length: 8 }, (_, index) => [first + index, first + index + 16]).flat();

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
  for (const name of ['group', 'column', 'from', 'to', 'pairs', 'weights']) f.variable('i32', name);
  declareSums(f);
  for (const name of ['upper', 'lower', 'bytes']) f.variable('v128', name);
  const loadRow = (name: string) => [
    set(name, v128.load(get('from'))),
    increase('from', get('sourceStride')),
  ];

  return f.body([
    f.repeat('rows', [
      set('group', get('byteGroups')),
      set('column', i32.add(get('source'), i32.load(get('taps')))),
      set('to', get('target')),
      f.repeat('group', [
        set('from', get('column')),
        ...clearSums(f),
        set('pairs', i32.load(get('taps'), 4)),
        set('weights', i32.load(get('taps'), 8)),
        f.repeat('pairs', [
          ...loadWeights(f),
          ...loadRow('upper'),
          ...loadRow('lower'),
          set('bytes', i8x16.shuffle(get('upper'), get('lower'), inTurns(0))),
          ...addPairs(f, 0, i16x8.extendLowU(get('bytes'))),
          ...addPairs(f, 1, i16x8.extendHighU(get('bytes'))),
          set('bytes', i8x16.shuffle(get('upper'), get('lower'), inTurns(8))),
          ...addPairs(f, 2, i16x8.extendLowU(get('bytes'))),
          ...addPairs(f, 3, i16x8.extendHighU(get('bytes'))),
        ]),
        v128.store(get('to'), sumsAsBytes(f)),
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
