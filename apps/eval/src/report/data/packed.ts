/**
 * Numbers as text for the page: a letter that says how wide they are, and their bytes in base64. `a`: 8 bits, `b`: 16, `c`: 32, all
 * whole and not negative; `d`: differences of ascending whole numbers, seven bits a byte, the eighth says that more follow; `f`: float64.
 */
export type Packed = string;

/** Whole numbers from 0 to 2³² − 1, in the least bytes that hold the largest. */
export function packCounts(values: ArrayLike<number>): Packed {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  if (most < 2 ** 8) return `a${base64(Uint8Array.from(values))}`;
  if (most < 2 ** 16) return `b${base64(Uint16Array.from(values))}`;
  return `c${base64(Uint32Array.from(values))}`;
}

/** Ascending whole numbers, mostly in a byte each. */
export function packAscending(values: ArrayLike<number>): Packed {
  const bytes: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let difference = values[i]! - (i === 0 ? 0 : values[i - 1]!);
    for (; difference > 127; difference = Math.floor(difference / 128)) bytes.push(128 + (difference % 128));
    bytes.push(difference);
  }
  return `d${base64(Uint8Array.from(bytes))}`;
}

/** Numbers as they are, infinite ones too. */
export function packNumbers(values: ArrayLike<number>): Packed {
  return `f${base64(Float64Array.from(values))}`;
}

/** The numbers again. */
export function unpack(packed: Packed): ArrayLike<number> {
  const bytes = Uint8Array.from(atob(packed.slice(1)), character => character.charCodeAt(0));
  if (packed[0] === 'a') return bytes;
  if (packed[0] === 'd') return summed(bytes);
  if (packed[0] === 'b') return new Uint16Array(bytes.buffer);
  return packed[0] === 'c' ? new Uint32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}

function summed(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let [sum, scale] = [0, 1];
  for (const byte of bytes) {
    sum += (byte % 128) * scale;
    scale = byte < 128 ? 1 : scale * 128;
    if (scale === 1) values.push(sum);
  }
  return values;
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
