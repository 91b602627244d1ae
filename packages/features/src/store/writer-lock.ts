import { withLock } from '@ood/core/node';
import { incompletePath } from './store-writer.ts';

/**
 * Runs `work` while no other process or call writes the store at `path`.
 *
 * @param work gets a signal that aborts when the lock is lost, or with `signal`
 * @throws CoreError LOCKED at once where another writes there, naming its process
 */
export function withWriterLock<T>(
  path: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return withLock(`${incompletePath(path)}.lock`, work, { waitMs: 0, where: path, signal });
}

/** The same lock, until it is released. @throws as `withWriterLock` */
export async function holdWriterLock(path: string): Promise<() => Promise<void>> {
  let release = () => {};
  const released = new Promise<void>(resolve => {
    release = resolve;
  });
  let held: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    held = withWriterLock(path, async () => {
      resolve();
      await released;
    });
    held.catch(reject);
  });
  return () => {
    release();
    return held;
  };
}
