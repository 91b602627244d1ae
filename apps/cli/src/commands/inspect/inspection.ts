import type { BackboneDescription, LayerCandidate } from '@ood/features';
import type { ModelDescription } from '@ood/onnx';

/** What `ood inspect` found. */
export interface Inspection {
  readonly file: string;
  readonly model: ModelDescription;
  readonly backbone: BackboneDescription | { readonly refused: Refusal };
}

/** Why a model cannot serve as backbone as it is. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly candidates: readonly LayerCandidate[];
}
