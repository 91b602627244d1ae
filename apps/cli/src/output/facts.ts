export type Fact = readonly [name: string, value: string];

/** Facts as text, a line each, the values in one column. */
export function formatFacts(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
