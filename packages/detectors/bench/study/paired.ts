import { compareAll } from '@ood/metrics';
import { markdownTable, mean } from '../support/table.ts';
import type { Cell } from './cells.ts';
import { sameSeed } from './contestants.ts';
import { type Measures, points, type StudiedSet } from './measures.ts';

const CERTAIN = 0.05;

/**
 * `own` against each of the others on each set: the mean difference in points, and in how many seeds it is told from nothing (paired
 * DeLong tests between all of them, Holm's correction). Those that take no seed are paired with every seed of `own`.
 */
export function pairedTable(measures: Measures, own: string, others: readonly string[]): string {
  const rows = measures.sets.map(set => {
    const tested = testsOf(measures, set, [own, ...others]);
    return [
      `${set.benchmark} ${set.set.replace('ood-', '')}${set.group === 'near' ? ' (near)' : ''}`,
      ...others.map(other => cell(tested, own, other)),
    ];
  });
  return markdownTable([`\`${own}\` less`, ...others], rows);
}

interface Tested {
  readonly a: string;
  readonly b: string;
  readonly difference: number;
  readonly certain: boolean;
}

function testsOf({ cellsOf }: Measures, { benchmark, set }: StudiedSet, names: readonly string[]): Tested[] {
  const cells = new Map(names.map(name => [name, cellsOf(name, benchmark)]));
  const seeds = new Set([...cells.values()].flatMap(list => list.map(({ seed }) => seed)));
  return [...seeds].flatMap(seed => {
    const pairs: Record<string, { id: readonly number[]; ood: readonly number[] }> = {};
    for (const [name, list] of cells) {
      const found = sameSeed(list, seed, name);
      if (found) pairs[name] = scoresOf(found, set);
    }
    if (Object.keys(pairs).length < 2) return [];
    return compareAll(pairs).map(({ a, b, test, adjustedP }) => ({
      a,
      b,
      difference: 100 * test.difference,
      certain: adjustedP !== null && adjustedP <= CERTAIN,
    }));
  });
}

function cell(tested: readonly Tested[], own: string, other: string): string {
  const pairs = tested.filter(({ a, b }) => a === own && b === other);
  if (pairs.length === 0) return '';
  const difference = mean(pairs.map(pair => pair.difference));
  const certain = pairs.filter(pair => pair.certain && pair.difference > 0 === difference > 0).length;
  return `${points(difference)} (${certain}/${pairs.length})`;
}

function scoresOf({ id, ood }: Cell, set: string) {
  return { id, ood: ood.find(own => own.set === set)!.scores };
}
