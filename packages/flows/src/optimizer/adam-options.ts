/** Settings of Adam and AdamW. */
export interface AdamOptions {
  /** Decay of the first moment. Default: 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default: 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default: 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay (AdamW), on parameters of rank 2 and more. Default: 0. */
  readonly weightDecay?: number;
  /** Largest global gradient norm; larger gradients are scaled down to it. `null`: no clipping. Default: `null`. */
  readonly clipNorm?: number | null;
}

export interface AdamStep {
  /** 1 for the first step. */
  readonly step: number;
  readonly learningRate: number;
}
