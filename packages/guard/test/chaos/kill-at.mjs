/**
 * Preloaded by `--import` into a program that writes files: kills it, without a word, at the `OOD_KILL_AT`-th call that changes the
 * file system; half of what that call writes may be there. With `OOD_COUNT_CALLS` it says at the end how many calls there were.
 */
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.OOD_KILL_AT ?? 0);
let calls = 0;

/** Counts a call; at the chosen one does `half` of it and is gone. */
async function count(half) {
  calls++;
  if (calls !== at) return;
  await half?.();
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing more may happen.
  await new Promise(() => {});
}

for (const name of ['rename', 'rm', 'mkdir', 'rmdir', 'unlink', 'link', 'mkdtemp', 'copyFile']) {
  const original = promises[name];
  promises[name] = async (...args) => {
    await count();
    return original(...args);
  };
}

const { open, writeFile } = promises;
promises.writeFile = async (path, data, ...rest) => {
  await count(() => writeFile(path, data.slice(0, data.length >> 1), ...rest));
  return writeFile(path, data, ...rest);
};
promises.open = async (path, flags, ...rest) => {
  const writes = typeof flags === 'string' && flags !== 'r';
  if (writes) await count();
  const handle = await open(path, flags, ...rest);
  if (!writes) return handle;
  const { write, sync } = handle;
  handle.write = async (bytes, offset = 0, length = bytes.length - offset, ...more) => {
    await count(() => write.call(handle, bytes, offset, length >> 1, ...more));
    return write.call(handle, bytes, offset, length, ...more);
  };
  handle.sync = async () => {
    await count();
    return sync.call(handle);
  };
  return handle;
};
syncBuiltinESMExports();

if (process.env.OOD_COUNT_CALLS) process.on('exit', () => process.stderr.write(`calls: ${calls}\n`));
