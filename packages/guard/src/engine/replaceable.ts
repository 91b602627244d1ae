import { isOodError } from '@ood/core';
import type { Engine } from './engine.ts';

/** An engine that is opened anew for the next call when its thread has ended; the calls that it had fail. */
export async function replaceable(open: () => Promise<Engine>): Promise<Engine> {
  let current: Promise<Engine> | undefined = open();
  await current;
  const use = async <T>(call: (engine: Engine) => Promise<T>): Promise<T> => {
    const mine = (current ??= open());
    try {
      return await call(await mine);
    } catch (error) {
      // Also where it could not be opened: the next call tries again.
      const isDead = isOodError(error, 'WORKER_FAILED') || (await mine.catch(() => undefined)) === undefined;
      if (isDead && current === mine) current = undefined;
      throw error;
    }
  };
  return {
    judge: (samples, batchSize) => use(engine => engine.judge(samples, batchSize)),
    explain: sample => use(engine => engine.explain(sample)),
    async close() {
      const engine = await current?.catch(() => undefined);
      await engine?.close();
    },
  };
}
