import { deflateSync } from 'node:zlib';

/** CIFAR-10 records with these labels and pixels that say where they are. */
export function cifarBytes(labels: readonly number[]): Buffer {
  return Buffer.concat(
    labels.map((label, record) => {
      const bytes = Buffer.from(Uint8Array.from({ length: 3073 }, (_, i) => (i * 31 + record * 7) % 253));
      bytes[0] = label;
      return bytes;
    }),
  );
}

/** An IDX file of unsigned bytes. */
export function idxBytes(dims: readonly number[], data: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * dims.length);
  head[2] = 8;
  head[3] = dims.length;
  for (const [i, dim] of dims.entries()) head.writeUInt32BE(dim, 4 + 4 * i);
  return Buffer.concat([head, data]);
}

/** A `.npy` file; f2 takes bit patterns. */
export function npyBytes(
  descr: string,
  shape: readonly number[],
  numbers: readonly number[],
  fortran = false,
): Buffer {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const order = fortran ? 'True' : 'False';
  let header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${dims}), }`;
  header += `${' '.repeat(63 - ((10 + header.length) % 64))}\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  const width = Number(descr.slice(2)) || 1;
  const data = Buffer.alloc(width * numbers.length);
  const big = descr[0] === '>';
  for (const [i, value] of numbers.entries()) writeNumber(data, i * width, descr.slice(1), value, big);
  return Buffer.concat([head, Buffer.from(header, 'latin1'), data]);
}

function writeNumber(data: Buffer, at: number, type: string, value: number, big: boolean): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const write: Record<string, () => void> = {
    f2: () => view.setUint16(at, value, !big),
    f4: () => view.setFloat32(at, value, !big),
    f8: () => view.setFloat64(at, value, !big),
    i2: () => view.setInt16(at, value, !big),
    i4: () => view.setInt32(at, value, !big),
    i8: () => view.setBigInt64(at, BigInt(value), !big),
    u1: () => view.setUint8(at, value),
    b1: () => view.setUint8(at, value),
  };
  write[type]?.();
}

export interface MatPart {
  readonly name: string;
  readonly dims: readonly number[];
  /** MATLAB storage type: 2 uint8, 9 double. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** A MATLAB 5 MAT-file. */
export function matBytes(parts: readonly MatPart[], storage: 'compressed' | 'plain' = 'compressed'): Buffer {
  const head = Buffer.alloc(128, ' ');
  head.write('MATLAB 5.0 MAT-file, made by a test');
  head.writeUInt16LE(0x0100, 124);
  head.write('IM', 126);
  const variables = parts.map(({ name, dims, type, data }) => {
    const flags = Buffer.alloc(8);
    flags[0] = type === 9 ? 6 : 9;
    const sizes = Buffer.from(Int32Array.from(dims).buffer);
    const body = Buffer.concat([
      element(6, flags),
      element(5, sizes),
      element(1, Buffer.from(name)),
      element(type, Buffer.from(data)),
    ]);
    const matrix = element(14, body);
    return storage === 'plain' ? matrix : element(15, deflateSync(matrix), false);
  });
  return Buffer.concat([head, ...variables]);
}

function element(type: number, data: Buffer, pad = true): Buffer {
  if (data.length > 0 && data.length <= 4 && type < 14) {
    const small = Buffer.alloc(8);
    small.writeUInt16LE(type, 0);
    small.writeUInt16LE(data.length, 2);
    data.copy(small, 4);
    return small;
  }
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc(pad ? (8 - (data.length % 8)) % 8 : 0)]);
}
