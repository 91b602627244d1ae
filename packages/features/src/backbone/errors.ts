import type { LayerCandidate } from './backbone.ts';

export type BackboneErrorCode =
  | 'NO_HEAD'
  | 'HEAD_NOT_PROVED'
  | 'AMBIGUOUS_HEAD'
  | 'AMBIGUOUS_OUTPUT'
  | 'UNKNOWN_LAYER'
  | 'UNSUPPORTED_LAYER'
  | 'UNSUPPORTED_INPUT'
  | 'UNKNOWN_SHAPE'
  | 'PROBE_FAILED'
  | 'WRONG_INPUT'
  | 'INVALID_ARGUMENT';

const marker: unique symbol = Symbol.for('ood.error') as never;

/** The four parts of an error message: `where: expected …, got …; do …`. */
export interface BackboneErrorParts {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly advice?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Tensors that could be named as `layer` instead. */
  readonly candidates?: readonly LayerCandidate[];
  readonly cause?: unknown;
}

/** Why a model cannot be used as a backbone, or a batch not with it. */
export class BackboneError extends Error {
  readonly code: BackboneErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  /** Tensors that could be named as `layer` instead; empty where that would not help. */
  readonly candidates: readonly LayerCandidate[];
  readonly [marker] = true;

  constructor(code: BackboneErrorCode, parts: BackboneErrorParts) {
    const { where, expected, got, advice, candidates = [] } = parts;
    const list = candidates.map(candidateText).join(', ');
    const tail = [...(advice ? [advice] : []), ...(list ? [`candidates for layer: ${list}`] : [])].join('; ');
    super(`${where}: expected ${expected}, got ${got}${tail && `; ${tail}`}`, { cause: parts.cause });
    this.name = 'BackboneError';
    this.code = code;
    this.details = { where, ...parts.details };
    this.candidates = candidates;
  }
}

/** True for a `BackboneError`, also one of another copy of this package. */
export function isBackboneError(error: unknown): error is BackboneError {
  return error instanceof Error && error.name === 'BackboneError' && marker in error;
}

function candidateText({ tensor, opType, dims }: LayerCandidate): string {
  const shape = dims ? ` [${dims.map(dim => dim ?? '?').join(', ')}]` : '';
  return `${JSON.stringify(tensor)} (${opType}${shape})`;
}
