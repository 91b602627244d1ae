// The machine
export { processorCount } from './environment/processor-count.ts';
// Errors
export { type CommonCode, commonCodes } from './errors/codes.ts';
export { CoreError } from './errors/core-error.ts';
export { type ErrorData, errorFromData, errorToData } from './errors/error-data.ts';
export { importOptional, missingPackage, type OptionalPackage } from './errors/import-optional.ts';
export { nodeOnly } from './errors/node-only.ts';
export { type ErrorKind, type ErrorParts, isOodError, OodError } from './errors/ood-error.ts';
export { isSystemError, type SystemErrorOptions, systemError } from './errors/system-error.ts';
export type { ByteRanges } from './formats/byte-ranges.ts';
// Arrays and their files
export { Checksum } from './formats/checksum.ts';
export {
  arrayClasses,
  arrayFromBytes,
  bytesOf,
  bytesPerElement,
  type DenseArray,
  type ElementType,
  elementCount,
  elementTypeOf,
  type TypedArray,
} from './formats/dense-array.ts';
export {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from './formats/half-floats.ts';
export { decodeNpy, encodeNpy } from './formats/npy.ts';
export { type NpyHeader, parseNpyHeader, readNpyHeader } from './formats/npy-header.ts';
export { encodeNpyTexts } from './formats/npy-texts.ts';
export { swapBytes } from './formats/reorder-elements.ts';
export {
  arrayOfEntry,
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
  safetensorsParts,
} from './formats/safetensors.ts';
export {
  parseSafetensorsHeader,
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './formats/safetensors-header.ts';
export { toFloat32 } from './formats/to-float32.ts';
// Linear algebra, float64
export { cholesky, invertLower, logDiagonal } from './linear-algebra/cholesky.ts';
export { product, transpose } from './linear-algebra/dense.ts';
export { dot } from './linear-algebra/dot.ts';
export {
  type SymmetricEigen,
  type SymmetricEigenOptions,
  symmetricEigen,
  symmetricEigenSteps,
  symmetricEigenWork,
} from './linear-algebra/symmetric-eigen.ts';
// Matrices and rows
export {
  argmaxRows,
  type FloatArray,
  firstColumns,
  type Matrix,
  nonFiniteRows,
  pickRows,
  requireFiniteRows,
  requireShape,
  sliceRows,
  stackRows,
} from './matrix/matrix.ts';
export type { LabeledRows, RowStream, Rows } from './matrix/rows.ts';
export { rowNorms, unitRows } from './matrix/unit-rows.ts';
// Options
export { closest } from './options/closest.ts';
export {
  anything,
  callable,
  count,
  finite,
  flag,
  having,
  invalidOption,
  listOf,
  notNegative,
  oneOf,
  openUnit,
  orNull,
  percentile,
  portion,
  positive,
  type Rule,
  requireOption,
  requireOptions,
  share,
  text,
  unknownOption,
  whole,
  wholeFrom,
  wholeUpTo,
} from './options/rules.ts';
export { throwIfAborted } from './options/throw-if-aborted.ts';
// Random numbers
export { createRandom, permutation, type Random, type Seed } from './random/random.ts';
// Text
export { canonicalJson } from './text/canonical-json.ts';
export { printable } from './text/printable.ts';
// Time
export type { Progress } from './timing/progress.ts';
export { yieldToEventLoop } from './timing/yield-to-event-loop.ts';
