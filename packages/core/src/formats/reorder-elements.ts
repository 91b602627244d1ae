/** A copy of elements of `width` bytes with the bytes of each in reverse order. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += width)
    for (let k = 0; k < width; k++) out[at + k] = bytes[at + width - 1 - k]!;
  return out;
}

/** A copy in row-major order of elements of `width` bytes in column-major (Fortran) order. */
export function inRowOrder(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, side) => product * side, width),
  );
  let from = 0;
  for (let at = 0; at < out.length; at += width) {
    for (let k = 0; k < width; k++) out[at + k] = bytes[from + k]!;
    // The last axis runs fastest; one that is through starts again and moves the axis before it on.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
