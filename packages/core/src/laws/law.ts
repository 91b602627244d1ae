import { isOodError } from '../errors/ood-error.ts';

/** What holds for every implementation of a contract, for any test runner: `it(law.name, law.check)`. */
export interface Law {
  readonly name: string;
  /** Rejects with what was expected and what was found. */
  readonly check: () => Promise<void>;
}

/** Throws an Error that shows what was expected and what was found; as the others here, for laws that know no test runner. */
export function expectThat(holds: boolean, expected: string, found: unknown): void {
  if (!holds) throw new Error(`expected ${expected}, got ${shown(found)}`);
}

/** The same numbers, strings or bytes in the same order. */
export function expectEqual(found: unknown, expected: unknown): void {
  expectThat(shown(found, true) === shown(expected, true), shown(expected), found);
}

/** Numbers that differ by at most `distance`. */
export function expectClose(
  found: Float32Array | Float64Array,
  expected: Float32Array | Float64Array,
  distance: number,
): void {
  expectEqual(found.length, expected.length);
  found.forEach((value, i) => {
    const close = Math.abs(value - expected[i]!) <= distance;
    expectThat(close, `${expected[i]} within ${distance} at ${i}`, value);
  });
}

/** A typed refusal with one of these codes. */
export async function expectRefusal(act: () => Promise<unknown>, ...codes: string[]): Promise<void> {
  const failure = await act().then(
    value => value,
    (error: unknown) => error,
  );
  expectThat(isOodError(failure, ...codes), `a refusal with ${codes.join(' or ')}`, failure);
}

function shown(value: unknown, whole = false): string {
  const text =
    value instanceof Error
      ? `${value.name}: ${value.message}`
      : value instanceof Uint8Array
        ? `bytes ${whole ? value.join() : value.length}`
        : JSON.stringify(value);
  return whole || text === undefined || text.length < 300 ? String(text) : `${text.slice(0, 300)}…`;
}
