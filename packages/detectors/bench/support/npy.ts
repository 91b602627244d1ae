import { readFile } from 'node:fs/promises';

/** The numbers of an .npy file of float32, float16 or int32 (version 1.0, little-endian, C order), as the benchmarks have them. */
export async function readNpy(path: string): Promise<{ shape: number[]; data: Float32Array | Int32Array }> {
  const file = await readFile(path);
  const bytes = new Uint8Array(file);
  const headerLength = bytes[8]! + 256 * bytes[9]!;
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, 10 + headerLength));
  const type = /'descr': '<([fi]\d)'/.exec(header)?.[1];
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter(text => text.trim() !== '')
    .map(Number);
  const buffer = bytes.slice(10 + headerLength).buffer;
  if (type === 'f4') return { shape, data: new Float32Array(buffer) };
  if (type === 'i4') return { shape, data: new Int32Array(buffer) };
  if (type === 'f2') return { shape, data: Float32Array.from(new Uint16Array(buffer), halfToNumber) };
  throw new Error(`${path}: cannot read ${header}`);
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
