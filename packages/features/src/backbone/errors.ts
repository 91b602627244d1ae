import { type ErrorParts, isOodError, OodError } from '@ood/onnx';
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

/** The four parts of an error message: `where: expected …, got …; do …`. */
export interface BackboneErrorParts extends ErrorParts {
  /** Tensors that could be named as `layer` instead. */
  readonly candidates?: readonly LayerCandidate[];
}

/** Why a model cannot be used as a backbone, or a batch not with it. */
export class BackboneError extends OodError<BackboneErrorCode> {
  override readonly name = 'BackboneError';
  /** Tensors that could be named as `layer` instead; empty where that would not help. */
  readonly candidates: readonly LayerCandidate[];

  constructor(code: BackboneErrorCode, { candidates = [], ...parts }: BackboneErrorParts) {
    const list = candidates.map(candidateText).join(', ');
    const advice = [parts.advice, list && `candidates for layer: ${list}`].filter(Boolean).join('; ');
    super(code, { ...parts, advice: advice || undefined });
    this.candidates = candidates;
  }
}

/** True for a `BackboneError`, also one of another copy of this package. */
export function isBackboneError(error: unknown): error is BackboneError {
  return isOodError(error, 'BackboneError');
}

function candidateText({ tensor, opType, dims }: LayerCandidate): string {
  const shape = dims ? ` [${dims.map(dim => dim ?? '?').join(', ')}]` : '';
  return `${JSON.stringify(tensor)} (${opType}${shape})`;
}
