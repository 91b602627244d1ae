import type { Runtime } from '@ood/onnx';

/** Where and how to compute. */
export interface Environment {
  /** Runs matrix products and formulas. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number;
}
