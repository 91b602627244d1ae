import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GlyphSet, glyphSamples, openGlyphs, openGlyphsBackbone, subset } from '@ood/datasets';
import { preset } from '@ood/features';
import { afterAll, beforeAll } from 'vitest';
import { type CreateGuardOptions, createGuard } from '../src/index.ts';

export const mnist = preset('mnist');

/** Every `step`-th sample of a set. */
export function every(step: number, set: GlyphSet, from = 0) {
  const samples = glyphSamples(set);
  const indices = Array.from(
    { length: Math.ceil((samples.length - from) / step) },
    (_, i) => from + i * step,
  );
  return subset(samples, indices);
}

/** The embedded images and their model, with a folder that is removed at the end. */
export async function glyphParts() {
  const glyphs = await openGlyphs();
  const { path } = await openGlyphsBackbone();
  const folder = await mkdtemp(join(tmpdir(), 'ood-guard-'));
  return { glyphs, model: path, folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A guard made before the tests of a file run. */
export function useGlyphGuard(options: Partial<CreateGuardOptions> = {}) {
  const context = {} as Awaited<ReturnType<typeof glyphParts>> & { path: string };
  beforeAll(async () => {
    Object.assign(context, await glyphParts());
    const { glyphs, model, folder } = context;
    context.path = join(folder, 'guard');
    await createGuard(context.path, {
      model,
      preprocessing: mnist,
      detector: 'mahalanobis++',
      train: Object.assign(every(4, glyphs.train), { classes: glyphs.classes }),
      calibration: every(2, glyphs.validation),
      ...options,
    });
  }, 60_000);
  afterAll(() => context.remove());
  return context;
}
