import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openPlainFile,
  readPlainFile,
  requireWritableFile,
  requireWritableFolder,
} from '../../src/node/index.ts';

let folder: string;
const socket = createServer();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-plain-'));
  await writeFile(join(folder, 'file'), '0123456789');
  await writeFile(join(folder, 'empty'), '');
  await mkdir(join(folder, 'folder'));
  await symlink('file', join(folder, 'link'));
  await symlink('circle', join(folder, 'circle'));
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await new Promise<void>(resolve => socket.listen(join(folder, 'socket'), resolve));
});
afterAll(async () => {
  socket.close();
  await rm(folder, { recursive: true });
});

const ascii = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a plain file', () => {
  it.each(['file', 'link'])('is read, also through a link: %s', async name => {
    expect(ascii(await readPlainFile(join(folder, name), { maxBytes: 10 }))).toBe('0123456789');
  });

  it('may be empty', async () => {
    expect(await readPlainFile(join(folder, 'empty'))).toEqual(new Uint8Array());
  });

  it('is read by ranges, in memory of their own', async () => {
    const file = await openPlainFile(join(folder, 'file'));
    const bytes = await file.read(3, 4);
    expect([file.size, ascii(bytes), bytes.buffer.byteLength]).toEqual([10, '3456', 4]);
    await expect(file.read(8, 3)).rejects.toMatchObject({ code: 'CORRUPT_FILE', details: { got: 2 } });
    await expect(file.read(0, 2 ** 53)).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
    await file.close();
  });

  it('that gets shorter while it is open is refused, not padded', async () => {
    await writeFile(join(folder, 'shrinking'), '0123');
    const file = await openPlainFile(join(folder, 'shrinking'));
    await truncate(join(folder, 'shrinking'), 2);
    await expect(file.read(0, 4)).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
    await file.close();
  });
});

describe.skipIf(process.platform === 'win32')('what is none', () => {
  it.each([
    ['NOT_A_FILE', 'folder', 'a folder'],
    ['NOT_A_FILE', 'pipe', 'a pipe'],
    ['NOT_A_FILE', 'socket', 'a socket'],
    ['NOT_A_FILE', '/dev/zero', 'a device'],
    ['FILE_NOT_FOUND', 'nothing', 'no such file or folder (ENOENT)'],
    ['NOT_A_FOLDER', 'file/below', 'a file in place of a folder (ENOTDIR)'],
    ['NAME_TOO_LONG', 'n'.repeat(300), 'a name that is too long (ENAMETOOLONG)'],
    ['READ_FAILED', 'circle', 'links that lead in a circle (ELOOP)'],
    ['TOO_LARGE', 'file', '10 bytes'],
  ])('is refused at once with %s: %s', async (code, name, got) => {
    const path = name.startsWith('/') ? name : join(folder, name);
    await expect(
      readPlainFile(path, { what: 'an image', maxBytes: 9, where: '--image' }),
    ).rejects.toMatchObject({
      code,
      got,
      where: '--image',
      expected: expect.stringContaining('an image'),
    });
  });
});

describe('a target that can be written', () => {
  it.each(['new', 'a/b/c', 'file'])('is %s', async name => {
    await requireWritableFile(join(folder, name));
  });

  it('is a folder that is there or could be made', async () => {
    await requireWritableFolder(folder);
    await requireWritableFolder(join(folder, 'a', 'b'));
  });

  it.each([
    ['NOT_A_FILE', 'folder', {}],
    ['NOT_A_FOLDER', 'file/below', {}],
    ['FILE_EXISTS', 'file', { overwrite: false }],
    ['NAME_TOO_LONG', 'n'.repeat(300), {}],
  ])('is none with %s: %s', async (code, name, options) => {
    const target = requireWritableFile(join(folder, name), { ...options, where: '--out' });
    await expect(target).rejects.toMatchObject({ code, where: '--out' });
  });

  it.skipIf(process.platform !== 'linux')('is not in a folder that nobody may write into', async () => {
    await expect(requireWritableFolder('/sys/ood')).rejects.toMatchObject({ kind: 'environment' });
  });
});
