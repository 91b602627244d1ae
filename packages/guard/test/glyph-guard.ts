import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preset } from '@ood/features';
import { afterAll, beforeAll } from 'vitest';
import { type FitGuardOptions, fitGuard } from '../src/index.ts';
import { glyphs, glyphsModel } from './glyphs.ts';

export const mnist = preset('mnist');

/** What makes a small guard in a second or two. */
export function glyphOptions(options: Partial<FitGuardOptions> = {}): FitGuardOptions {
  return {
    model: glyphsModel,
    preprocessing: mnist,
    detector: 'mahalanobis++',
    train: glyphs('train', 4),
    calibration: glyphs('validation', 2),
    ...options,
  };
}

/** A temporary folder for the tests of a file, and a guard in it. */
export function useGlyphGuard(options: Partial<FitGuardOptions> = {}) {
  const context = { folder: '', path: '' };
  beforeAll(async () => {
    context.folder = await mkdtemp(join(tmpdir(), 'ood-guard-'));
    context.path = join(context.folder, 'guard');
    await fitGuard(context.path, glyphOptions(options));
  });
  afterAll(() => rm(context.folder, { recursive: true, force: true }));
  return context;
}
