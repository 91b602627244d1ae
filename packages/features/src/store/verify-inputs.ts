import { FeaturesError } from '../errors.ts';
import { consume, emptyInput, type InputState } from '../extraction/input-chain.ts';
import type { Sample, Samples } from '../extraction/sample.ts';
import { sampleDigester } from '../extraction/sample-digest.ts';
import { type Positioned, type Shard, samplesOfShard } from '../extraction/shard.ts';

export interface VerifyOptions {
  readonly shard: Shard;
  /** What the store's input was. */
  readonly input: InputState;
  /**
   * `content` reads every sample and compares what it holds. `ids` compares positions, ids and labels only, reading
   * nothing where the source tells them by `key`: fast, but blind to a file that was replaced under its name.
   */
  readonly verify: 'content' | 'ids';
  readonly signal: AbortSignal | undefined;
}

/**
 * Checks that `samples` are exactly those that a store was made from.
 *
 * @throws FeaturesError STORE_MISMATCH
 */
export async function verifyInputs(path: string, samples: Samples, options: VerifyOptions): Promise<void> {
  for await (const { index, sample } of samplesAfter(path, samples, options))
    throw mismatch(
      path,
      `the inputs to end after position ${options.input.next - 1}`,
      `'${sample.id}' at position ${index}`,
    );
}

/**
 * The samples that come after those of an unfinished store, once these have proved to be the same.
 *
 * @throws FeaturesError STORE_MISMATCH
 */
export async function* samplesAfter(
  path: string,
  samples: Samples,
  options: VerifyOptions,
): AsyncGenerator<Positioned> {
  const { shard, input, verify, signal } = options;
  if (input.next === 0) return yield* samplesOfShard(samples, shard);
  const keys = verify === 'ids' && samples.key && samples.read && samples.length !== undefined;
  const state = { current: emptyInput };
  const check = () => {
    const { ids, content } = state.current;
    if (ids !== input.ids) throw mismatch(path, 'the ids, labels and order of its inputs', 'others');
    if (verify === 'content' && content !== input.content)
      throw mismatch(path, 'the contents of its inputs', 'others');
  };
  const take = (index: number, sample: Pick<Sample, 'id' | 'label'>, digest: string) => {
    signal?.throwIfAborted();
    state.current = consume(state.current, { index, id: sample.id, label: sample.label, digest });
  };

  if (keys) {
    const length = samples.length!;
    let index = shard.index;
    for (; index < Math.min(input.next, length); index += shard.count) take(index, samples.key!(index), '');
    checkLength(path, state.current, input);
    check();
    for (; index < length; index += shard.count) yield { index, sample: await samples.read!(index) };
    return;
  }
  const digestOf = sampleDigester();
  let checked = false;
  for await (const item of samplesOfShard(samples, shard)) {
    if (item.index < input.next) {
      take(item.index, item.sample, verify === 'content' ? digestOf(item.sample).content : '');
      continue;
    }
    if (!checked) check();
    checked = true;
    yield item;
  }
  if (checked) return;
  checkLength(path, state.current, input);
  check();
}

function checkLength(path: string, got: InputState, expected: InputState): void {
  if (got.next === expected.next) return;
  throw mismatch(
    path,
    `inputs up to position ${expected.next - 1}`,
    got.next === 0 ? 'none' : `them to end at ${got.next - 1}`,
  );
}

function mismatch(path: string, expected: string, got: string): FeaturesError {
  return new FeaturesError('STORE_MISMATCH', {
    where: path,
    expected: `${expected} as when it was written`,
    got: `${got}`,
    advice: "extract to another path, or pass ifExists: 'overwrite'",
    details: { path, field: 'inputs', expected, got },
  });
}
