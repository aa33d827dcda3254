/** Node's WebAssembly, whose types TypeScript has only beside those of a browser's document. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WebAssemblyNamespace {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
}

export const { Module, Instance, Memory } = (
  globalThis as unknown as { WebAssembly: WebAssemblyNamespace }
).WebAssembly;

export const WASM_PAGE_BYTES = 65_536;
