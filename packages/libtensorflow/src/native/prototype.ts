import { koffi } from './koffi.ts';

/** The address of a native object, as koffi hands it out. */
export type Pointer = bigint;

/** A C function as JavaScript sees it; `async` runs it on a thread of libuv's pool. */
export type NativeFunction<F extends (...args: never[]) => unknown> = F & {
  async: (
    ...args: [...Parameters<F>, (error: Error | null, result: ReturnType<F>) => void]
  ) => void;
};

/** One line of C, remembering the TypeScript signature that goes with it. */
export interface Prototype<F> {
  readonly c: string;
  readonly signature?: F;
}

/** Pairs a C prototype with the TypeScript signature by which it is called. */
export function prototype<F extends (...args: never[]) => unknown>(c: string): Prototype<F> {
  return { c };
}

/** The functions that a table of prototypes declares. */
export type FunctionsOf<T extends Record<string, Prototype<unknown>>> = {
  [K in keyof T]: T[K] extends Prototype<infer F>
    ? F extends (...args: never[]) => unknown
      ? NativeFunction<F>
      : never
    : never;
};

const opaqueTypes = [
  'TF_Status',
  'TF_Tensor',
  'TF_DeviceList',
  'TF_Graph',
  'TF_ImportGraphDefOptions',
  'TF_Operation',
  'TF_OperationDescription',
  'TF_Server',
  'TF_Session',
  'TF_SessionOptions',
  'TFE_Context',
  'TFE_ContextOptions',
  'TFE_Op',
  'TFE_TensorHandle',
];

/** Names the C types that the prototypes speak of; koffi keeps one table of names a process, so a second copy of this package finds them there. */
export function declareTypes(): void {
  for (const name of opaqueTypes) declareOnce(name, () => koffi.opaque(name));
  declareOnce('TF_Buffer', () =>
    koffi.struct('TF_Buffer', { data: 'void *', length: 'size_t', deallocator: 'void *' }),
  );
  declareOnce('TF_Output', () =>
    koffi.struct('TF_Output', { oper: 'TF_Operation *', index: 'int' }),
  );
}

function declareOnce(name: string, declare: () => void): void {
  try {
    koffi.type(name);
  } catch {
    declare();
  }
}
