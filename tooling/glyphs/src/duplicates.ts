import type { Sample, SampleSet } from './types.ts';

/** The sets without images that an earlier set, or an earlier sample of the same set, already has. */
export function withoutDuplicates(sets: readonly SampleSet[]): SampleSet[] {
  const seen = new Set<string>();
  const isNew = (sample: Sample) => {
    const key = Buffer.from(sample.pixels).toString('latin1');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
  return sets.map(set => ({ ...set, samples: set.samples.filter(isNew) }));
}
