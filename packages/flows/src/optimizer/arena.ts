import { type Kernel, type KernelRange, wasmKernel } from './kernel.ts';
import { plainKernel } from './plain-kernel.ts';
import { webAssembly } from './web-assembly.ts';

/** Name and shape of a parameter that the optimizer owns. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One parameter's place in the optimizer's memory, as float32 views. */
export interface ParameterSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Float32Array;
  readonly gradient: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Running average of the value; absent where averaging is off. */
  readonly average: Float32Array | undefined;
  readonly kernel: Kernel;
  readonly range: KernelRange;
}

export interface ArenaOptions {
  /** Also keep a running average of every parameter. Default: `false`. */
  readonly averaging?: boolean;
  /** Use the SIMD kernel where possible. Default: `true`. */
  readonly simd?: boolean;
  /** Largest WebAssembly memory in bytes; parameters beyond it go to a further memory. Default: 2 GiB. */
  readonly memoryLimit?: number;
}

const page = 65_536;
const line = 64;
/** Distance added between arrays, so that their elements never share a cache set: 17 lines. */
const stagger = 17 * line;

const roundUp = (value: number, unit: number) => Math.ceil(value / unit) * unit;

/**
 * Lays parameters, gradients and moments out in WebAssembly memory, where the SIMD kernel and the runtime both reach
 * them without a copy. Arrays start 17 cache lines off a page, because arrays spaced by a power of two alias in the
 * cache and make the optimizer several times slower. What exceeds one memory goes to the next; a single parameter too
 * large for any, or a place without SIMD, gets an ordinary array and the plain kernel.
 */
export function layOut(parameters: readonly ParameterInfo[], options: ArenaOptions = {}): ParameterSlot[] {
  const { averaging = false, simd = true, memoryLimit = 2 ** 31 } = options;
  const copies = averaging ? 5 : 4;
  const bytesOf = (elements: number) => copies * (roundUp(elements * 4, page) + stagger);

  const groups: ParameterInfo[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const parameter of parameters) {
    const size = paddedSize(parameter);
    if (bytesOf(filled + size) > memoryLimit) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)!.push(parameter);
    filled += size;
  }
  return groups.flatMap(group => layOutGroup(group, { copies, bytesOf, simd, memoryLimit }));
}

/** Elements a parameter occupies: whole cache lines, so that every view is aligned. */
function paddedSize({ shape }: ParameterInfo): number {
  return roundUp(
    shape.reduce((a, b) => a * b, 1),
    line / 4,
  );
}

interface GroupOptions {
  readonly copies: number;
  readonly bytesOf: (elements: number) => number;
  readonly simd: boolean;
  readonly memoryLimit: number;
}

function layOutGroup(group: readonly ParameterInfo[], options: GroupOptions): ParameterSlot[] {
  const elements = group.reduce((sum, parameter) => sum + paddedSize(parameter), 0);
  const bytes = options.bytesOf(elements);
  const spacing = bytes / options.copies;
  const { buffer, kernel } = allocate(bytes, options);
  let offset = 0;
  return group.map(parameter => {
    const length = parameter.shape.reduce((a, b) => a * b, 1);
    const place = (copy: number) => copy * spacing + offset;
    const view = (copy: number) => new Float32Array(buffer, place(copy), length);
    const count = paddedSize(parameter);
    const slot: ParameterSlot = {
      name: parameter.name,
      shape: parameter.shape,
      value: view(0),
      gradient: view(1),
      first: view(2),
      second: view(3),
      average: options.copies === 5 ? view(4) : undefined,
      kernel,
      range: {
        parameter: place(0),
        gradient: place(1),
        first: place(2),
        second: place(3),
        average: options.copies === 5 ? place(4) : 0,
        count,
      },
    };
    offset += count * 4;
    return slot;
  });
}

function allocate(
  bytes: number,
  { simd, memoryLimit }: GroupOptions,
): { buffer: ArrayBuffer; kernel: Kernel } {
  if (webAssembly && simd && bytes <= memoryLimit) {
    const pages = Math.ceil(bytes / page);
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    const kernel = wasmKernel(memory);
    if (kernel) return { buffer: memory.buffer, kernel };
  }
  const buffer = new ArrayBuffer(bytes);
  return { buffer, kernel: plainKernel(buffer) };
}
