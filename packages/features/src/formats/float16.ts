const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

/** Bit pattern of the half float nearest to `x` (ties to even); beyond 65,504 + half a step: infinity. */
export function toFloat16(x: number): number {
  value[0] = x;
  const f = bits[0]!;
  const sign = (f >>> 16) & 0x8000;
  const magnitude = f & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  }
  return sign | roundHalfEven(Math.abs(value[0]!) * 2 ** 24);
}

/** Half floats by their bit patterns. */
export function float16ToFloat32(
  source: Uint16Array,
  target = new Float32Array(source.length),
): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, h) => fromFloat16(h));
  for (let i = 0; i < source.length; i++) target[i] = table[source[i]!]!;
  return target;
}

/** Bit patterns of the nearest half floats. */
export function float32ToFloat16(source: Float32Array): Uint16Array {
  const target = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = toFloat16(source[i]!);
  return target;
}

let table: Float32Array | undefined;

function fromFloat16(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
