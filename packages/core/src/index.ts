// Errors
export { type CommonCode, commonCodes } from './errors/codes.ts';
export { CoreError } from './errors/core-error.ts';
export { type ErrorData, errorFromData, errorToData } from './errors/error-data.ts';
export { type ErrorKind, type ErrorParts, isOodError, OodError } from './errors/ood-error.ts';
export { isSystemError, type SystemErrorOptions, systemError } from './errors/system-error.ts';
// Arrays and their files
export {
  arrayFromBytes,
  bytesOf,
  bytesPerElement,
  type DenseArray,
  type ElementType,
  elementCount,
  elementTypeOf,
  type TypedArray,
} from './formats/dense-array.ts';
// Matrices and rows
export {
  argmaxRows,
  type FloatArray,
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
