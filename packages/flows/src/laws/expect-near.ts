import { expectClose } from '@ood/core/laws';

type Floats = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Numbers within `tolerance` × the largest magnitude expected, or × `least` where that is larger. */
export function expectNear(found: Floats, expected: Floats, tolerance: number, least = 1e-3): void {
  const largest = Float64Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), least);
  expectClose(Float64Array.from(found), Float64Array.from(expected), tolerance * largest);
}
