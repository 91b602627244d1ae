import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes new names in a folder last through a power failure, where the system can. */
export async function flushFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  await flush(folder, 'r').catch((error: NodeJS.ErrnoException) => {
    if (!['EINVAL', 'ENOTSUP', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error;
  });
}

/** Makes all files and names below a folder last through a power failure. */
export async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushTree(path);
    // Windows flushes only what is open for writing.
    else if (entry.isFile()) await flush(path, process.platform === 'win32' ? 'r+' : 'r');
  }
  await flushFolder(folder);
}

async function flush(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
