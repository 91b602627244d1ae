import { createHash } from 'node:crypto';
import { invalidOption, requireOption, type Seed } from '@ood/core';
import { filterKeys, subset } from '../combine/subset.ts';
import type { Sample, SampleKey } from '../contract/sample.ts';
import { type IndexedSamples, isIndexed, type Samples } from '../contract/samples.ts';

export interface SplitOptions<N extends string> {
  /** Share of each part; they sum to 1. */
  readonly parts: Readonly<Record<N, number>>;
  readonly seed: Seed;
  /** What must not be torn apart. Default: the sample's group, or its id where it has none. */
  readonly by?: (key: SampleKey) => string;
}

/** Name of a sample's group: what has the same name goes to the same part. */
export function groupOf(key: SampleKey): string {
  return key.group ?? key.id;
}

/**
 * Splits by a hash of seed and group. Which part a sample goes to depends on nothing else: not on order, not on what
 * other samples are there; added samples move no old one. The sizes are therefore near the shares, not equal to them:
 * of n groups a part with share p has np ± √(np(1 − p)).
 *
 * @throws CoreError `INVALID_OPTION` where the shares are not positive or do not sum to 1.
 */
export function splitByHash<S extends Sample, N extends string>(
  samples: IndexedSamples<S>,
  options: SplitOptions<N>,
): Record<N, IndexedSamples<S>>;
export function splitByHash<S extends Sample, N extends string>(
  samples: Samples<S>,
  options: SplitOptions<N>,
): Record<N, Samples<S>>;
export function splitByHash<S extends Sample, N extends string>(
  samples: Samples<S>,
  { parts, seed, by = groupOf }: SplitOptions<N>,
): Record<N, Samples<S>> {
  const bounds = cumulate(parts);
  requireSeed('splitByHash', seed);
  const partOf = (key: SampleKey): N => {
    const fraction = hashFraction(by(key), seed);
    return (bounds.find(({ end }) => fraction < end) ?? bounds.at(-1)!).name;
  };
  if (!isIndexed(samples)) {
    return mapParts(parts, name => filterKeys(samples, key => partOf(key) === name));
  }
  const indices = mapParts(parts, () => [] as number[]);
  for (let index = 0; index < samples.length; index++) indices[partOf(samples.key(index))].push(index);
  return mapParts(parts, name => subset(samples, indices[name]));
}

/**
 * Splits into parts of exactly the asked sizes (to within one group): groups are ordered by a hash of seed and group
 * and cut at the shares. Stable under reordering; added samples can move old ones at the cuts.
 */
export function splitExactly<S extends Sample, N extends string>(
  samples: IndexedSamples<S>,
  { parts, seed, by = groupOf }: SplitOptions<N>,
): Record<N, IndexedSamples<S>> {
  requireSeed('splitExactly', seed);
  const bounds = cumulate(parts);
  const groups = new Map<string, number[]>();
  for (let index = 0; index < samples.length; index++) {
    const group = by(samples.key(index));
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [index]);
    else members.push(index);
  }
  const ordered = [...groups.entries()]
    .map(([group, members]) => ({ group, members, at: hashFraction(group, seed) }))
    .sort((a, b) => a.at - b.at || (a.group < b.group ? -1 : 1));
  const indices = mapParts(parts, () => [] as number[]);
  let placed = 0;
  for (const { members } of ordered) {
    // A group goes where its middle lies.
    const middle = (placed + members.length / 2) / samples.length;
    const { name } = bounds.find(({ end }) => middle < end) ?? bounds.at(-1)!;
    indices[name].push(...members);
    placed += members.length;
  }
  return mapParts(parts, name =>
    subset(
      samples,
      indices[name].sort((a, b) => a - b),
    ),
  );
}

/** Groups (families, authors, ids) that two sets have in common: empty for a clean split. */
export function sharedGroups(a: IndexedSamples, b: IndexedSamples, by = groupOf): string[] {
  const inA = new Set<string>();
  for (let index = 0; index < a.length; index++) inA.add(by(a.key(index)));
  const shared = new Set<string>();
  for (let index = 0; index < b.length; index++) {
    const group = by(b.key(index));
    if (inA.has(group)) shared.add(group);
  }
  return [...shared].sort();
}

function cumulate<N extends string>(parts: Readonly<Record<N, number>>): { name: N; end: number }[] {
  const shares = Object.entries(parts) as [N, number][];
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  if (shares.some(([, share]) => !(share > 0)) || Math.abs(sum - 1) > 1e-9) {
    const example = 'for example { train: 0.8, test: 0.2 }';
    throw invalidOption('split', 'parts', 'positive shares that sum to 1', JSON.stringify(parts), example);
  }
  let end = 0;
  return shares.map(([name, share]) => ({ name, end: (end += share) }));
}

/** A number in [0, 1) that depends on the text and the seed alone: the first 53 bits of their SHA-256. */
function hashFraction(text: string, seed: Seed): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, text]))
    .digest();
  return (digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11)) / 2 ** 53;
}

/** A missing seed would silently be the same for all. @throws CoreError `INVALID_OPTION`. */
function requireSeed(where: string, seed: Seed): void {
  requireOption(where, 'seed', seed, [
    value => typeof value === 'string' || Number.isSafeInteger(value),
    'a whole number or a text',
  ]);
}

function mapParts<N extends string, T>(
  parts: Readonly<Record<N, number>>,
  make: (name: N) => T,
): Record<N, T> {
  return Object.fromEntries((Object.keys(parts) as N[]).map(name => [name, make(name)])) as Record<N, T>;
}
