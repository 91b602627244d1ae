import type { NodeProto } from '../schema/generated/onnx_pb.ts';
import type { Tensor, TensorInfo } from '../session/session.ts';

/** A size: known, a named free dimension, or unknown. */
export type Dim = TensorInfo['dims'][number];

/** Tensors of more dimensions are left unknown. */
export const MAX_RANK = 64;

/** What is known of a tensor before the graph runs; a missing field is unknown. */
export interface Shaped {
  /** ONNX data type number. */
  readonly type?: number | undefined;
  readonly dims?: readonly Dim[] | undefined;
  /** The elements of a small integer tensor, as computed from shapes (e.g. what a Reshape is given). */
  readonly elements?: readonly Dim[] | undefined;
}

/** What a rule sees of the node and its surroundings. */
export interface RuleContext {
  readonly node: NodeProto;
  /** The node's i-th input; empty for one left out. */
  input(index: number): Shaped;
  /** Number of inputs the node has, including ones left out. */
  readonly inputCount: number;
  /** The fixed value of the i-th input, if the file fixes it. */
  constant(index: number): Tensor | undefined;
  /** Version of the operator set the node belongs to. */
  readonly opset: number;
}

/** Returns what is known of each output. @throws ShapeProblem where the inputs cannot go together */
export type Rule = (context: RuleContext) => readonly Shaped[];

/** Inputs of a node that contradict each other or its attributes. */
export class ShapeProblem extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** Numbers of an integer input, whether fixed by the file or computed from shapes; undefined if unknown. */
export function integersOf(context: RuleContext, index: number): number[] | undefined {
  const elements = context.input(index).elements;
  return elements?.every(element => typeof element === 'number') ? [...elements] : undefined;
}

/** An axis counted from the end made to count from the start. */
export function normalizeAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal > rank) throw new ShapeProblem(`an axis of a tensor of rank ${rank}`, `${axis}`);
  return normal;
}

/** Product of sizes; unknown unless all are known. */
export function product(dims: readonly Dim[]): number | null {
  return dims.reduce<number | null>(
    (total, dim) => (total !== null && typeof dim === 'number' ? total * dim : null),
    1,
  );
}

/** False only if both sizes are known and differ. */
export function mayEqual(a: Dim | undefined, b: Dim | undefined): boolean {
  return typeof a !== 'number' || typeof b !== 'number' || a === b;
}

/** A shape as text, e.g. `[batch, 3, ?]`. */
export function dimsText(dims: readonly Dim[]): string {
  return `[${dims.map(dim => dim ?? '?').join(', ')}]`;
}
