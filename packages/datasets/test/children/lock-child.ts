import { readFileSync, writeFileSync } from 'node:fs';
import { withLock } from '../../src/download/lock.ts';

/** Adds 1 to a number in a file many times, each time under the lock: without it, additions would be lost. */
const [lock, counter, times] = process.argv.slice(2) as [string, string, string];
for (let i = 0; i < Number(times); i++) {
  await withLock(lock, async () => {
    const value = Number(readFileSync(counter, 'utf8'));
    await new Promise(resolve => setTimeout(resolve, 2));
    writeFileSync(counter, String(value + 1));
  });
}
