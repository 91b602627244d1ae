import { type Guard, openGuard } from '@ood/guard';
import { UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { requirePath } from '../../paths/require-path.ts';

/**
 * The guard that `--guard` names, open to check images.
 *
 * @throws UsageError for what is not there, and for a guard of vectors
 */
export async function openImageGuard(word: string, io: Io): Promise<Guard> {
  const guard = await openGuard(await requirePath(word, io, 'the folder of a guard'));
  const { preprocessing, input } = guard.describe();
  if (preprocessing !== null) return guard;
  await guard.close();
  throw new UsageError(
    `${word}: expected a guard of images, got one of vectors [${input.dims.slice(1).join(', ')}], made without --preprocess; check vectors with @ood/guard or the exported file`,
  );
}
