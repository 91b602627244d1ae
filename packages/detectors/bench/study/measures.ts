import { meanInterval } from '@ood/metrics';
import { mean } from '../support/table.ts';
import { aurocs, type Cell } from './cells.ts';

export type Group = 'near' | 'far';

/** An OOD set of a benchmark. */
export interface StudiedSet {
  readonly benchmark: string;
  readonly set: string;
  readonly group: Group;
}

/** The cells of a study, asked by contestant, benchmark and set. AUROC in percent. */
export function measuresOf(cells: readonly Cell[]) {
  const scored = cells.map(cell => ({ ...cell, aurocs: aurocs(cell) }));
  const known = new Map<string, StudiedSet>();
  for (const { benchmark, ood } of cells) {
    for (const { set, near } of ood)
      known.set(`${benchmark}/${set}`, { benchmark, set, group: near ? 'near' : 'far' });
  }
  const sets = [...known.values()].sort(
    (a, b) =>
      a.benchmark.localeCompare(b.benchmark) || b.group.localeCompare(a.group) || a.set.localeCompare(b.set),
  );
  const benchmarks = [...new Set(sets.map(({ benchmark }) => benchmark))];
  const cellsOf = (contestant: string, benchmark?: string) =>
    scored.filter(cell => cell.contestant === contestant && (benchmark ?? cell.benchmark) === cell.benchmark);
  /** One AUROC a seed. */
  const perSeed = (contestant: string, { benchmark, set }: StudiedSet) =>
    cellsOf(contestant, benchmark).map(cell => cell.aurocs.get(set)!);
  /** Mean over a group's sets of the means over seeds; `undefined` where it was not measured. */
  const groupMean = (contestant: string, group: Group, benchmark: string): number | undefined => {
    const own = sets.filter(set => set.group === group && set.benchmark === benchmark);
    const values = own.map(set => perSeed(contestant, set));
    return values.some(list => list.length === 0) ? undefined : mean(values.map(mean));
  };
  /** Mean over benchmarks, where all were measured. */
  const overall = (contestant: string, group: Group): number | undefined => {
    const values = benchmarks.map(benchmark => groupMean(contestant, group, benchmark));
    return values.includes(undefined) ? undefined : mean(values as number[]);
  };
  const seeds = (contestant: string, benchmark?: string) =>
    new Set(cellsOf(contestant, benchmark).map(({ seed }) => seed)).size;
  return { sets, benchmarks, cellsOf, perSeed, groupMean, overall, seeds };
}

export type Measures = ReturnType<typeof measuresOf>;

/** The mean ± half of its 95 % interval over seeds, or the one value there is. */
export function seedMean(values: readonly number[]): string {
  if (values.length === 0) return '';
  const { value, interval } = meanInterval([...values]);
  const half = interval === null ? 0 : (interval.high - interval.low) / 2;
  return half > 0 ? `${value.toFixed(2)} ± ${half.toFixed(2)}` : value.toFixed(2);
}

export function points(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '';
  return `${value.toFixed(2).startsWith('-') ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** The largest of what was measured, and whose it is. */
export function best(
  names: readonly string[],
  valueBy: (name: string) => number | undefined,
): { readonly name: string; readonly value: number } | undefined {
  const found = names.flatMap(name => {
    const value = valueBy(name);
    return value === undefined ? [] : [{ name, value }];
  });
  return found.length === 0 ? undefined : found.reduce((a, b) => (b.value > a.value ? b : a));
}
