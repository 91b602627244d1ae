import { OnnxError } from '../errors.ts';
import { type TensorProto, TensorProto_DataLocation } from '../schema/generated/onnx_pb.ts';

/** Where a tensor's bytes are, outside the model file. */
export interface ExternalReference {
  /** Path relative to the model's folder, with `/` between its parts. */
  readonly location: string;
  readonly offset: number;
  /** Number of bytes; undefined: up to the end of the file. */
  readonly length: number | undefined;
}

/**
 * Returns where an external tensor's bytes are, or undefined for one whose data are in the model.
 *
 * @throws OnnxError `UNSAFE_PATH` for a path that leaves the model's folder; `EXTERNAL_DATA` for a malformed reference
 */
export function externalReference(tensor: TensorProto): ExternalReference | undefined {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return undefined;
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location');
  if (location === undefined || location === '') throw malformed(tensor, 'a location', 'none');
  checkLocation(tensor, location);
  const length = entries.get('length');
  return {
    location,
    offset: wholeNumber(tensor, 'offset', entries.get('offset') ?? '0'),
    length: length === undefined ? undefined : wholeNumber(tensor, 'length', length),
  };
}

/** Whether a location leads out of the model's folder by its text alone. */
export function leavesFolder(location: string): boolean {
  const parts = location.split(/[/\\]/);
  return parts.includes('..') || /^([a-z]:|[/\\])/i.test(location) || location.includes('\0');
}

function checkLocation(tensor: TensorProto, location: string): void {
  if (!leavesFolder(location)) return;
  throw new OnnxError('UNSAFE_PATH', {
    where: `tensor ${JSON.stringify(tensor.name)}`,
    expected: "external data inside the model's folder",
    got: JSON.stringify(location),
    advice: 'do not use a model that reads files elsewhere',
    details: { tensor: tensor.name, location },
  });
}

function wholeNumber(tensor: TensorProto, key: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw malformed(tensor, `a whole number as ${key}`, JSON.stringify(text));
  return value;
}

function malformed(tensor: TensorProto, expected: string, got: string): OnnxError {
  return new OnnxError('EXTERNAL_DATA', {
    where: `tensor ${JSON.stringify(tensor.name)}, its reference to external data`,
    expected,
    got,
    details: { tensor: tensor.name },
  });
}
