import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from '@huggingface/transformers';
import { afterAll, beforeAll } from 'vitest';
import { writeTinyModels } from './tiny-models.ts';

/**
 * Small models of this file's own, which transformers.js takes from disk: nothing is downloaded.
 *
 * @param folder below a temporary one. Default: that itself
 */
export function localModels(folder = ''): { readonly path: (...parts: string[]) => string } {
  let place = '';
  let root = '';
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'ood-transformers-'));
    root = join(place, folder);
    await writeTinyModels(root);
    env.allowRemoteModels = false;
    env.localModelPath = `${root}/`;
  });
  afterAll(() => rm(place, { recursive: true, force: true }));
  return { path: (...parts) => join(root, ...parts) };
}

/** Options under which small guards are fitted fast. */
export const quick = { detector: 'mahalanobis++', alpha: 0.1 } as const;
/** The same for embedders, whose samples have no classes. */
export const unlabeled = { ...quick, detector: 'knn' } as const;
