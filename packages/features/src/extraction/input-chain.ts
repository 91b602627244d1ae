import { createHash } from 'node:crypto';

/**
 * What a run has consumed of its input: the position after the last sample, and two running hashes over the samples,
 * `h ← SHA-256(h ‖ sample)`, one over ids and labels, one over contents.
 */
export interface InputState {
  readonly next: number;
  readonly ids: string;
  readonly content: string;
}

export const emptyInput: InputState = { next: 0, ids: '', content: '' };

/** The state after one more sample. */
export function consume(
  state: InputState,
  sample: {
    readonly index: number;
    readonly id: string;
    readonly label?: number | undefined;
    readonly digest: string;
  },
): InputState {
  return {
    next: sample.index + 1,
    ids: chained(state.ids, JSON.stringify([sample.index, sample.id, sample.label ?? null])),
    content: chained(state.content, sample.digest),
  };
}

function chained(previous: string, text: string): string {
  return createHash('sha256').update(previous).update('\n').update(text).digest('hex');
}
