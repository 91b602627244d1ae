import type { Runtime } from '@ood/onnx';
import type { Json, Matrix } from '../contract/arrays.ts';
import type { Bijection } from '../contract/bijection.ts';

export interface BijectionFixtures {
  /** Builds it again from its `options`, as loading a file does; `@ood/flows` knows how for its own. */
  readonly build?: (options: Readonly<Record<string, Json>>) => Bijection;
  /** Rows to map, at least 2. Default: 9 draws from N(0, I). */
  readonly rows?: Matrix;
  /** Parameters that count for nothing at this dimension, and so have no gradient. Default: none. */
  readonly idle?: readonly string[];
  /** Whether to record, save and export it too, which takes most of the time. Default: true. */
  readonly graphs?: boolean;
  /** Runs recorded graphs. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
}

/** What the laws share. */
export interface Subject extends BijectionFixtures {
  readonly bijection: Bijection;
  readonly rows: Matrix;
}
