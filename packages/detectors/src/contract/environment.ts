import { processorCount } from '@ood/core';
import type { Runtime } from '@ood/onnx';

/** Where and how to compute. */
export interface Environment {
  /** Runs matrix products and formulas. Default: onnxruntime-node. */
  readonly runtime?: Runtime | undefined;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number | undefined;
}

/** Threads that results may depend on: those asked for, else as many as the machine has processors, as the runtime chooses. */
export function threadsOf({ threads }: Environment): number | undefined {
  return threads ?? processorCount();
}
