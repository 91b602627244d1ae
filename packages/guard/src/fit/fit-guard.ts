import { resolve } from 'node:path';
import { withLock } from '@ood/core/node';
import type { Manifest } from '../folder/manifest.ts';
import { lockOf } from '../folder/read-folder.ts';
import { requireFree } from '../folder/whole-folder.ts';
import { calibrate } from './calibrate.ts';
import { fit } from './fit.ts';
import { type CheckedOptions, checkOptions, type FitGuardOptions } from './options.ts';
import { prepare } from './prepare.ts';
import { createResources } from './resources.ts';
import { write } from './write.ts';

/**
 * Makes a guard: finds the backbone's features and head, fits the detector on ID inputs, calibrates the decision on ID
 * inputs that the backbone has not seen, and writes all of it as one folder, whole or not at all.
 *
 * @returns what was fitted, as `openGuard(folder).describe()` gives it; see its `warnings`
 * @throws CoreError `INVALID_OPTION`, `LOCKED` while another run makes the same guard, `DISK_FULL`, `ABORTED`; GuardError
 *   `INVALID_OPTION`, `FILE_EXISTS`, `UNSUPPORTED`, `WRONG_SHAPE`, `NON_FINITE`, `FOREIGN_ROWS`, `TOO_FEW`, `SEEN_ROWS`,
 *   `CONSTANT_SCORES`, `POWERLESS`; FeaturesError and DetectorsError from the steps
 */
export async function fitGuard(folder: string, options: FitGuardOptions): Promise<Manifest> {
  const checked = checkOptions(options);
  const path = resolve(folder);
  await requireFree(path, checked.overwrite);
  const run = (signal: AbortSignal) => make(path, { ...checked, signal });
  return withLock(lockOf(path), run, { signal: checked.signal, waitMs: 0, where: folder });
}

async function make(path: string, options: CheckedOptions): Promise<Manifest> {
  const resources = createResources();
  try {
    const prepared = await prepare(options, resources);
    const fitted = await fit(prepared, resources);
    const calibrated = await calibrate(fitted);
    return await write(path, calibrated);
  } finally {
    await resources.close();
  }
}
