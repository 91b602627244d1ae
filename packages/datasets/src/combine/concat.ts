import type { Sample } from '../contract/sample.ts';
import {
  type IndexedSamples,
  indexedSamples,
  isIndexed,
  type Samples,
  streamedSamples,
} from '../contract/samples.ts';

/**
 * All samples of all parts, one part after the other. Indexed where all parts are; of known length where all lengths
 * are known. Ids stay as they are: give parts with the same ids a prefix first (`mapKeys`).
 */
export function concat<S extends Sample>(...parts: readonly IndexedSamples<S>[]): IndexedSamples<S>;
export function concat<S extends Sample>(...parts: readonly Samples<S>[]): Samples<S>;
export function concat<S extends Sample>(...parts: readonly Samples<S>[]): Samples<S> {
  if (parts.every(part => isIndexed(part))) {
    const starts: number[] = [];
    let length = 0;
    for (const part of parts) {
      starts.push(length);
      length += part.length;
    }
    /** A question about a sample, put to the part that has it. */
    const ask = <A>(question: (part: IndexedSamples<S>, index: number) => A) => {
      return (at: number): A => {
        let part = parts.length - 1;
        while (starts[part]! > at || parts[part]!.length === 0) part--;
        return question(parts[part]!, at - starts[part]!);
      };
    };
    return indexedSamples({
      length,
      key: ask((part, index) => part.key(index)),
      read: ask((part, index) => part.read(index)),
    });
  }
  const lengths = parts.map(part => part.length);
  const length = lengths.includes(undefined)
    ? undefined
    : (lengths as number[]).reduce((sum, n) => sum + n, 0);
  return streamedSamples(async function* () {
    for (const part of parts) yield* part;
  }, length);
}
