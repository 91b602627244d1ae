import { elementCount } from '@ood/core';
import { OnnxError } from '../errors.ts';
import { elementArrays } from './element-types.ts';
import type { Tensor, TensorInfo } from './session.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** Checks what is fed against the graph's inputs, so that an error names the input and not a kernel inside the engine. */
export function checkFeeds(inputs: readonly TensorInfo[], feeds: Tensors): void {
  checkNames('input', inputs, Object.keys(feeds));
  for (const input of inputs) {
    const tensor = feeds[input.name];
    if (tensor === undefined) {
      throw new OnnxError('MISSING_INPUT', {
        where: `input ${quote(input.name)}`,
        expected: describeInfo(input),
        got: 'nothing',
        advice: `feed a tensor for each of ${quoteAll(inputs)}`,
        details: { input: input.name },
      });
    }
    checkTensor('input', input, tensor);
  }
}

/** Checks names of outputs, and the tensors given to receive them, against the graph's outputs. */
export function checkFetches(outputs: readonly TensorInfo[], fetches: readonly string[] | Tensors): void {
  checkNames('output', outputs, isNames(fetches) ? fetches : Object.keys(fetches));
  if (isNames(fetches)) return;
  for (const output of outputs) {
    const tensor = fetches[output.name];
    if (tensor !== undefined) checkTensor('output', output, tensor);
  }
}

export function isNames(fetches: readonly string[] | Tensors): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function checkNames(kind: 'input' | 'output', known: readonly TensorInfo[], names: readonly string[]): void {
  for (const name of names) {
    if (known.some(info => info.name === name)) continue;
    throw new OnnxError('UNKNOWN_NAME', {
      where: `${kind} ${quote(name)}`,
      expected: `one of the graph's ${kind}s ${quoteAll(known)}`,
      got: quote(name),
      details: { kind, name, known: known.map(info => info.name) },
    });
  }
}

function checkTensor(kind: 'input' | 'output', info: TensorInfo, tensor: Tensor): void {
  const where = `${kind} ${quote(info.name)}`;
  const details = { [kind]: info.name, expected: info, type: tensor.type, dims: tensor.dims };
  if (tensor.type !== info.type) {
    throw new OnnxError('WRONG_TYPE', { where, expected: info.type, got: `${tensor.type}`, details });
  }
  if (!(tensor.data instanceof elementArrays[info.type])) {
    throw new OnnxError('WRONG_TYPE', {
      where,
      expected: `${elementArrays[info.type].name} as data of type ${info.type}`,
      got: (tensor.data as object)?.constructor?.name ?? typeof tensor.data,
      details,
    });
  }
  // An output or input of unknown rank is reported like a scalar, so `[]` fits anything.
  const fits = info.dims.length === 0 || fitsShape(info.dims, tensor.dims);
  if (!fits || !tensor.dims.every(dim => Number.isInteger(dim) && dim >= 0)) {
    throw new OnnxError('WRONG_SHAPE', {
      where,
      expected: `shape ${describeDims(info.dims)}`,
      got: describeDims(tensor.dims),
      details,
    });
  }
  const count = elementCount(tensor.dims);
  if (tensor.data.length !== count) {
    throw new OnnxError('WRONG_SHAPE', {
      where,
      expected: `${count} elements for shape ${describeDims(tensor.dims)}`,
      got: `${tensor.data.length}`,
      details: { ...details, elements: tensor.data.length },
    });
  }
  checkMemory(where, tensor);
}

function checkMemory(where: string, tensor: Tensor): void {
  if (typeof SharedArrayBuffer === 'undefined' || tensor.type === 'string') return;
  if (!(tensor.data.buffer instanceof SharedArrayBuffer)) return;
  throw new OnnxError('WRONG_TYPE', {
    where,
    expected: 'data in ordinary memory',
    got: 'a view of a SharedArrayBuffer, which onnxruntime refuses',
    advice: 'copy it, or let one worker own the memory',
  });
}

function fitsShape(declared: TensorInfo['dims'], actual: readonly number[]): boolean {
  if (declared.length !== actual.length) return false;
  return declared.every((dim, axis) => typeof dim !== 'number' || dim === actual[axis]);
}

function describeInfo(info: TensorInfo): string {
  return `a ${info.type} tensor ${describeDims(info.dims)}`;
}

/** A shape as text, e.g. `[batch, 3, ?, ?]`. */
export function describeDims(dims: TensorInfo['dims']): string {
  return `[${dims.map(dim => dim ?? '?').join(', ')}]`;
}

function quote(name: string): string {
  return JSON.stringify(name);
}

function quoteAll(infos: readonly TensorInfo[]): string {
  return infos.map(info => quote(info.name)).join(', ');
}
