/** Bytes of WebAssembly code; each constructor below returns one expression or statement, as in the text format. */
export type Code = readonly number[];

/** An unsigned whole number in LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** A signed whole number of 32 bits in LEB128. */
function signed(value: number): number[] {
  const rest = value >> 7;
  const done = (rest === 0 && (value & 64) === 0) || (rest === -1 && (value & 64) !== 0);
  return done ? [value & 127] : [(value & 127) | 128, ...signed(rest)];
}

const simd = (opcode: number, ...operands: Code[]): Code => [
  ...operands.flat(),
  0xfd,
  ...unsigned(opcode),
];
const memory = (offset: number): Code => [0, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...memory(offset)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  sub: (a: Code, b: Code): Code => [...a, ...b, 0x6b],
};

export const v128 = {
  const: (bytes: readonly number[]): Code => [0xfd, 0x0c, ...bytes],
  load: (address: Code): Code => [...simd(0x00, address), ...memory(0)],
  /** Eight bytes, and eight zeros. */
  load64Zero: (address: Code): Code => [...simd(0x5d, address), ...memory(0)],
  load32Splat: (address: Code, offset = 0): Code => [...simd(0x09, address), ...memory(offset)],
  store: (address: Code, value: Code): Code => [...simd(0x0b, address, value), ...memory(0)],
  /** Stores four bytes: a quarter of the value. */
  store32: (address: Code, value: Code, lane: number): Code => [
    ...simd(0x5a, address, value),
    ...memory(0),
    lane,
  ],
};

export const i8x16 = {
  /** The bytes at the given places; zero for a place outside of 0 to 15. */
  swizzle: (bytes: Code, places: Code): Code => simd(0x0e, bytes, places),
  /** The bytes at the given places, which are known beforehand, of a (0 to 15) and b (16 to 31). */
  shuffle: (a: Code, b: Code, places: readonly number[]): Code => [...simd(0x0d, a, b), ...places],
  /** Saturating: below 0 is 0, above 255 is 255. */
  narrowU: (low: Code, high: Code): Code => simd(0x66, low, high),
};

export const i16x8 = {
  extendLowU: (a: Code): Code => simd(0x89, a),
  extendHighU: (a: Code): Code => simd(0x8a, a),
  /** Saturating. */
  narrow: (low: Code, high: Code): Code => simd(0x85, low, high),
};

export const i32x4 = {
  splat: (value: Code): Code => simd(0x11, value),
  add: (a: Code, b: Code): Code => simd(0xae, a, b),
  shiftLeft: (a: Code, bits: number): Code => simd(0xab, a, i32.const(bits)),
  shiftRight: (a: Code, bits: number): Code => simd(0xac, a, i32.const(bits)),
  /** Products of signed 16 bits, each even one added to the odd one after it. */
  dot: (a: Code, b: Code): Code => simd(0xba, a, b),
};

const types = { i32: 0x7f, v128: 0x7b };

/** A function under construction: its parameters are i32, its variables get their type when they are declared. */
export class WasmFunction {
  readonly name: string;
  readonly #variables = new Map<string, number>();
  readonly #parameterCount: number;
  readonly #locals: number[] = [];
  #body: Code = [];

  constructor(name: string, parameters: readonly string[]) {
    this.name = name;
    this.#parameterCount = parameters.length;
    for (const parameter of parameters) this.#variables.set(parameter, this.#variables.size);
  }

  variable(type: keyof typeof types, name: string): string {
    this.#variables.set(name, this.#variables.size);
    this.#locals.push(types[type]);
    return name;
  }

  get = (name: string): Code => [0x20, ...unsigned(this.#index(name))];

  set = (name: string, value: Code): Code => [...value, 0x21, ...unsigned(this.#index(name))];

  increase = (name: string, by: Code): Code => this.set(name, i32.add(this.get(name), by));

  /** Runs the statements at least once, and again as long as `counter`, then one less, is not zero. */
  repeat = (counter: string, statements: readonly Code[]): Code => [
    ...[0x03, 0x40],
    ...statements.flat(),
    ...i32.sub(this.get(counter), i32.const(1)),
    ...[0x22, ...unsigned(this.#index(counter))],
    ...[0x0d, 0x00, 0x0b],
  ];

  body(statements: readonly Code[]): this {
    this.#body = statements.flat();
    return this;
  }

  get type(): Code {
    return [0x60, ...vector(Array.from({ length: this.#parameterCount }, () => [types.i32])), 0];
  }

  get code(): Code {
    const locals = vector(this.#locals.map((type) => [1, type]));
    return sized([...locals, ...this.#body, 0x0b]);
  }

  #index(name: string): number {
    const index = this.#variables.get(name);
    if (index === undefined) throw new Error(`${this.name}: no variable ${name}.`);
    return index;
  }
}

/** A module that imports its memory as `env.memory` and exports the functions by their names. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, entries: readonly Code[]): Code => [id, ...sized(vector(entries))];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ type }) => type),
    ),
    ...section(2, [[...text('env'), ...text('memory'), 0x02, 0x00, 1]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(
      10,
      functions.map(({ code }) => code),
    ),
  ]);
}

function vector(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function text(value: string): Code {
  return sized(Array.from(value, (character) => character.charCodeAt(0)));
}
