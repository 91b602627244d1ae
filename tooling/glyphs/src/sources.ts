import { packageFacts } from './font.ts';
import { iconFacts } from './sets/icons.ts';
import type { SampleSet } from './types.ts';

const accepted = ['OFL-1.1', 'Apache-2.0'];

/** Every typeface and icon collection that is in the sets: package, version, licence, copyright, where it is used. */
export function listSources(sets: readonly SampleSet[]) {
  const users = new Map<string, string[]>();
  for (const { name, samples } of sets) {
    for (const family of new Set(samples.map(sample => sample.family))) {
      users.set(family, [...(users.get(family) ?? []), name]);
    }
  }
  return [...users]
    .filter(([family]) => family !== 'textures' && family !== 'noise')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([family, usedIn]) => {
      const facts = family === '@mdi/svg' ? iconFacts() : packageFacts(family);
      if (!accepted.includes(facts.licence)) {
        throw new Error(
          `${facts.package}: expected a licence of ${accepted.join(', ')}, got ${facts.licence}`,
        );
      }
      return { family, ...facts, usedIn };
    });
}
