import { type GlyphSet, type Glyphs, glyphSamples } from '@ood/datasets';
import type { Benchmark, FeatureSet } from '@ood/eval';
import { extract, type FeatureModel, preset } from '@ood/features';

export interface GlyphBenchmarkOptions {
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** @param fraction of all images, 0 to 1. */
  readonly onProgress: (fraction: number, imagesPerSecond: number | undefined) => void;
}

/** Features and logits of every split and OOD set of the glyphs, by running the backbone on their images. */
export async function glyphBenchmark(
  glyphs: Glyphs,
  backbone: FeatureModel,
  { signal, now, onProgress }: GlyphBenchmarkOptions,
): Promise<Benchmark> {
  const total = [glyphs.train, glyphs.test, ...glyphs.ood].reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  const featuresOf = async (set: GlyphSet): Promise<FeatureSet> => {
    const { features, logits, labels } = await extract(backbone, glyphSamples(set), {
      preprocessing: preset('mnist'),
      onBadSample: 'fail',
      signal,
      now,
      onProgress: ({ done, imagesPerSecond }) => onProgress((before + done) / total, imagesPerSecond),
    });
    before += set.count;
    const size = set.width * set.height;
    return {
      name: set.name,
      features,
      logits,
      labels: set.labels === undefined ? undefined : labels,
      image: row => ({
        width: set.width,
        height: set.height,
        data: set.pixels.subarray(row * size, (row + 1) * size),
      }),
    };
  };
  const idTrain = await featuresOf(glyphs.train);
  const idTest = await featuresOf(glyphs.test);
  const ood = [];
  for (const set of glyphs.ood)
    ood.push({ ...(await featuresOf(set)), group: set.group ?? ('far' as const) });
  return { name: glyphs.name, idTrain, idTest, ood };
}
