/** Milliseconds that a piece of work takes. */
export async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** To three digits, for printing. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** A result: one JSON document on stdout. */
export function print(result: Readonly<Record<string, unknown>>): void {
  process.stdout.write(
    `${JSON.stringify(result, (_, value) => (typeof value === 'number' && !Number.isInteger(value) ? rounded(value) : value), 1)}\n`,
  );
}
