/** Writes as told; with a number, dies before its so-and-so-many-th change to the file system. `node write.mjs <action> <path> <word> [killAt]` */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { isOodError } from '../../../src/index.ts';
import { writeWholeFile, writeWholeFolder } from '../../../src/node/index.ts';

const [action, path = '', word = '', killAt = 'never'] = process.argv.slice(2);

let changes = 0;
function counted<Args extends unknown[], Result>(work: (...args: Args) => Result) {
  return function (this: unknown, ...args: Args): Result {
    if (String(changes++) === killAt) process.kill(process.pid, 'SIGKILL');
    return work.apply(this, args);
  };
}

const { open } = fs;
Object.assign(fs, {
  open: counted(async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    const { write, sync } = handle;
    return Object.assign(handle, { write: counted(write), sync: counted(sync) } as unknown as FileHandle);
  }),
});
for (const name of ['rename', 'link', 'unlink', 'rm', 'mkdir'] as const)
  Object.assign(fs, { [name]: counted(fs[name] as (...args: unknown[]) => unknown) });
syncBuiltinESMExports();

/** Of two files that belong together. */
const fill = async (folder: string) => {
  for (const name of ['a', 'b']) await fs.writeFile(join(folder, name), word);
};

try {
  if (action === 'file') await writeWholeFile(path, [word, word, word]);
  if (action === 'new-file') await writeWholeFile(path, [word, word, word], { overwrite: false });
  if (action === 'folder') await writeWholeFolder(path, fill, { replace: true });
  if (action === 'new-folder') await writeWholeFolder(path, fill);
} catch (error) {
  process.stdout.write(isOodError(error) ? error.code : String((error as Error).stack));
  process.exitCode = 1;
}
