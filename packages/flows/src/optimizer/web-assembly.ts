/** The part of WebAssembly's interface that is used here; it belongs to no library that Node's types include. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory;
}

/** Memory that a module and JavaScript share. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** WebAssembly, where there is any. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
