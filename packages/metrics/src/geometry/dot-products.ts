/**
 * Adds all dot products between the rows of two panels: out[i · bRows + j] += Σₖ a[i, k] b[j, k].
 *
 * Four by four rows at a time: eight loads for sixteen multiplications keep the arithmetic busy.
 *
 * @param length columns of both panels
 */
export function addDotProducts(
  a: Float64Array,
  aRows: number,
  b: Float64Array,
  bRows: number,
  length: number,
  out: Float64Array,
): void {
  const aTiled = aRows - (aRows % 4);
  const bTiled = bRows - (bRows % 4);
  for (let i = 0; i < aTiled; i += 4) {
    for (let j = 0; j < bTiled; j += 4)
      addTile(a, i * length, b, j * length, length, out, i * bRows + j, bRows);
    for (let j = bTiled; j < bRows; j++) {
      for (let r = i; r < i + 4; r++) out[r * bRows + j]! += dot(a, r * length, b, j * length, length);
    }
  }
  for (let i = aTiled; i < aRows; i++) {
    for (let j = 0; j < bRows; j++) out[i * bRows + j]! += dot(a, i * length, b, j * length, length);
  }
}

function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[aStart + k]! * b[bStart + k]!;
  return sum;
}

function addTile(
  a: Float64Array,
  a0: number,
  b: Float64Array,
  b0: number,
  length: number,
  out: Float64Array,
  start: number,
  stride: number,
): void {
  const [a1, a2, a3] = [a0 + length, a0 + 2 * length, a0 + 3 * length];
  const [b1, b2, b3] = [b0 + length, b0 + 2 * length, b0 + 3 * length];
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  for (let k = 0; k < length; k++) {
    const p = b[b0 + k]!;
    const q = b[b1 + k]!;
    const r = b[b2 + k]!;
    const s = b[b3 + k]!;
    let x = a[a0 + k]!;
    s00 += x * p;
    s01 += x * q;
    s02 += x * r;
    s03 += x * s;
    x = a[a1 + k]!;
    s10 += x * p;
    s11 += x * q;
    s12 += x * r;
    s13 += x * s;
    x = a[a2 + k]!;
    s20 += x * p;
    s21 += x * q;
    s22 += x * r;
    s23 += x * s;
    x = a[a3 + k]!;
    s30 += x * p;
    s31 += x * q;
    s32 += x * r;
    s33 += x * s;
  }
  out[start]! += s00;
  out[start + 1]! += s01;
  out[start + 2]! += s02;
  out[start + 3]! += s03;
  let row = start + stride;
  out[row]! += s10;
  out[row + 1]! += s11;
  out[row + 2]! += s12;
  out[row + 3]! += s13;
  row += stride;
  out[row]! += s20;
  out[row + 1]! += s21;
  out[row + 2]! += s22;
  out[row + 3]! += s23;
  row += stride;
  out[row]! += s30;
  out[row + 1]! += s31;
  out[row + 2]! += s32;
  out[row + 3]! += s33;
}
