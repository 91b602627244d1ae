import { writeFileSync } from 'node:fs';
import { createRandom, isOodError, type Random } from '@ood/core';
import { expect } from 'vitest';

/** Longest that any one input may take, in ms. */
const PATIENCE = 10_000;
const seed = process.env.OOD_FUZZ_SEED ?? 'ood';
/** A file that holds the input under way: what a hang was about. */
const trace = process.env.OOD_FUZZ_TRACE;

/** How long the fuzzers of a test file run together: `OOD_FUZZ_SECONDS`, where that is given. */
export function fuzzSeconds(usual: number): number {
  return Number(process.env.OOD_FUZZ_SECONDS ?? usual);
}

export const pick = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!;

/** The bytes with a few of them changed, cut, repeated or overwritten by a part of another file. */
export function mutateBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let edits = 1 + random.below(5); edits > 0; edits--) {
    const at = random.below(result.length + 1);
    const length = random.below(1 + Math.min(64, result.length - at));
    const other = pick(others, random);
    const from = random.below(other.length + 1);
    switch (random.below(6)) {
      case 0:
      case 1:
        if (at < result.length) result[at] = pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)], random);
        break;
      case 2:
        result.fill(pick([0, 0xff], random), at, at + Math.min(length, 8));
        break;
      case 3:
        result = result.slice(0, at);
        break;
      case 4:
        result.set(
          other.subarray(from, from + Math.min(length, other.length - from)).slice(0, result.length - at),
          at,
        );
        break;
      default:
        result = Uint8Array.from([...result.subarray(0, at), ...result.subarray(at + length)]);
    }
  }
  return result;
}

const ODD: readonly unknown[] = [
  ...[null, true, false, -1, 0, 0.5, 1, 2, 3, 7, 1e9, 2 ** 31, 2 ** 53, 1e300, -1e300],
  ...['', 'x', '1', 'NaN', '__proto__', 'toString', '\u0000', '\ud800', 'x'.repeat(3000)],
  ...[[], [[]], [null], [1, 2], {}, { length: 3 }, [[[[[[]]]]]]],
];

/** A value of JSON with one of its parts replaced by something else, taken out, doubled, or put deeper. */
export function mutateValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.below(5) === 0) {
    if (typeof value === 'number' && random.below(3) === 0)
      return value * pick([-1, 0.5, 2, 1e9, 1 + 2 ** -20], random);
    return random.below(6) === 0 ? { kind: value, of: value } : structuredClone(pick(ODD, random));
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return structuredClone(pick(ODD, random));
  const key = pick(keys, random);
  const entries = Object.entries(value);
  const at = keys.indexOf(key);
  switch (random.below(8)) {
    case 0:
      entries.splice(at, 1);
      break;
    case 1:
      entries.splice(at, 0, [pick(['extra', '__proto__', 'constructor', key], random), entries[at]![1]]);
      break;
    case 2:
      entries[at]![1] = structuredClone(pick(entries, random)[1]);
      break;
    default:
      entries[at]![1] = mutateValue(entries[at]![1], random);
  }
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
}

export interface FuzzTarget<Input> {
  readonly name: string;
  readonly seconds: number;
  /** Inputs that come first, as they are; at least one. */
  readonly corpus: readonly Input[];
  readonly mutate: (input: Input, random: Random) => Input;
  /** Reads an input: it may give anything, or a typed error. */
  readonly read: (input: Input) => unknown;
}

/** Runs a reader on mutants for so long: nothing but typed errors, each within bounds of time. Some must be refused. */
export async function fuzz<Input>({ name, seconds, corpus, mutate, read }: FuzzTarget<Input>): Promise<void> {
  const random = createRandom(seed, name);
  const end = Date.now() + 1000 * seconds;
  let tries = 0;
  let refused = 0;
  for (; Date.now() < end || tries < corpus.length + 40; tries++) {
    const input = tries < corpus.length ? corpus[tries]! : mutate(pick(corpus, random), random);
    if (trace) writeFileSync(trace, `${name}, seed ${seed}, try ${tries}: ${held(input)}\n`);
    const start = Date.now();
    try {
      await read(input);
    } catch (cause) {
      if (!isOodError(cause) || cause.kind === 'internal') {
        throw new Error(`${name}, seed ${seed}, try ${tries}: an error without a type; ${held(input)}`, {
          cause,
        });
      }
      refused++;
    }
    expect(Date.now() - start, `${name}, seed ${seed}, try ${tries}: ${held(input)}`).toBeLessThan(PATIENCE);
  }
  expect(refused, `${name} refuses some`).toBeGreaterThan(0);
  if (process.env.OOD_FUZZ_SECONDS) process.stderr.write(`${name}: ${tries} tries, ${refused} refused\n`);
}

function held(input: unknown): string {
  const text =
    input instanceof Uint8Array
      ? `bytes ${Buffer.from(input).toString('base64')}`
      : JSON.stringify(input, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as never) : value));
  return text.slice(0, 20_000);
}
