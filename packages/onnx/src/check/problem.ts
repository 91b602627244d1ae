export type ProblemCode =
  | 'NO_GRAPH'
  | 'NO_OPSET'
  | 'EMPTY_NAME'
  | 'DUPLICATE_NAME'
  | 'UNKNOWN_INPUT'
  | 'WRONG_ORDER'
  | 'MISSING_OUTPUT'
  | 'UNKNOWN_OPERATOR'
  | 'WRONG_ARITY'
  | 'WRONG_ATTRIBUTE'
  | 'BAD_TENSOR'
  | 'TYPE_MISMATCH'
  | 'SHAPE_MISMATCH';

/** One thing wrong with a model, and where. */
export interface Problem {
  readonly code: ProblemCode;
  /** The node, tensor, input or output, e.g. `Gemm node "head"`. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}
