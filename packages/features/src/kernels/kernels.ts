import { kernelsWasm } from './generated/kernels-wasm.ts';

/** The exports of `kernels.c`; all pointers are byte offsets into `memory`. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly __heap_base: { readonly value: number };
  horizontal3: HorizontalPass;
  horizontal1: HorizontalPass;
  vertical(
    source: number,
    stride: number,
    first: number,
    count: number,
    weights: number,
    taps: number,
    height: number,
    out: number,
  ): void;
  planes(pixels: number, count: number, channels: number, table: number, out: number): void;
}

type HorizontalPass = (
  source: number,
  stride: number,
  rows: number,
  first: number,
  count: number,
  weights: number,
  taps: number,
  width: number,
  out: number,
) => void;

/** Memory to which a module is kept: one large image must not hold its memory for ever. */
const KEPT_BYTES = 64 * 2 ** 20;
const PAGE = 65536;

let compiled: object | undefined;
let current: Kernels | undefined;

/** The compiled routines with at least `bytes` of memory from `base` on. Its contents do not outlive the next call. */
export function kernels(bytes: number): { readonly exports: Kernels; readonly base: number } {
  if (!current || current.memory.buffer.byteLength > KEPT_BYTES) current = instantiate();
  const base = Math.ceil(current.__heap_base.value / 16) * 16;
  const missing = base + bytes - current.memory.buffer.byteLength;
  if (missing > 0) current.memory.grow(Math.ceil(missing / PAGE));
  return { exports: current, base };
}

function instantiate(): Kernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelsWasm), char => char.charCodeAt(0)));
  return new WebAssembly.Instance(compiled).exports;
}

/** What is used of the platform's WebAssembly: Node's type definitions leave it out. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object) => { readonly exports: Kernels };
  };
};
