import type { ErrorData } from '@ood/core';
import type { SessionOptions, Tensor, TensorInfo } from '../../session/session.ts';

/** What a process that runs models is started with. */
export interface IsolationLimits {
  /** Most resident memory, in bytes. */
  readonly maxMemory: number;
  /** Most bytes that one run may hand back. */
  readonly maxOutputBytes: number;
}

/** `deadline` is the longest time that the answer may take, in ms. */
export type Request = { readonly id: number; readonly deadline: number } & (
  | { readonly kind: 'create'; readonly model: Uint8Array | string; readonly options: SessionOptions }
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
      readonly fetches: readonly string[] | undefined;
    }
  | { readonly kind: 'close'; readonly session: number }
);

export interface Created {
  readonly session: number;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** The first message of a process: from now on it answers. */
export interface Ready {
  readonly ready: true;
}

export type Reply = { readonly id: number } & (
  | { readonly value: Created | Record<string, Tensor> | null }
  | { readonly error: ErrorData }
);
