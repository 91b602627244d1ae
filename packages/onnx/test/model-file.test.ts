import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOodError } from '@ood/core';
import {
  decodeModel,
  encodeModel,
  externalLocations,
  type ModelProto,
  moveToExternalData,
  openModel,
} from '@ood/onnx';
import { hashModel, nodeRuntime, readModel, writeModel } from '@ood/onnx/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floats, linearModel, modelOf, node, random, run } from './models.ts';

let folder = '';
let outside = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-file-'));
  outside = await mkdtemp(join(tmpdir(), 'ood-elsewhere-'));
  path = join(folder, 'model.onnx');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(outside, { recursive: true });
});

const big = modelOf({ nodes: [node('MatMul', ['x', 'W'], ['y'])], initializers: { W: random([2, 10_000]) } });
const feeds = { x: floats([1, 2], [1, 2]) };

describe('a model file', () => {
  it('comes back from the disk as it was written', async () => {
    await writeModel(path, big);
    expect(await readdir(folder)).toEqual(['model.onnx']);
    expect(encodeModel(await readModel(path))).toEqual(encodeModel(big));
  });

  it('keeps large tensors in a file beside it when asked, aligned so that it can be mapped', async () => {
    await writeModel(path, big, { externalData: 'always' });
    expect((await readdir(folder)).sort()).toEqual(['model.onnx', 'model.onnx.data']);
    expect((await readFile(path)).length).toBeLessThan(1000);
    const kept = await readModel(path, { externalData: 'keep' });
    expect(externalLocations(kept)).toEqual(['model.onnx.data']);
    const offset = kept.graph!.initializer[0]!.externalData.find(({ key }) => key === 'offset')!.value;
    expect(Number(offset) % 4096).toBe(0);
    expect(await run(await readModel(path), feeds)).toEqual(await run(big, feeds));
  });

  it('has a digest that changes with its external data', async () => {
    await writeModel(path, big, { externalData: 'always' });
    const before = await hashModel(path);
    const data = join(folder, 'model.onnx.data');
    const bytes = await readFile(data);
    bytes[100]! ^= 1;
    await writeFile(data, bytes);
    const after = await hashModel(path);
    expect(after.bytes).toBe(before.bytes);
    expect(after.sha256).not.toBe(before.sha256);
  });

  it('leaves no half-written file where writing fails', async () => {
    await mkdir(path);
    await expect(writeModel(path, big)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    expect(await readdir(folder)).toEqual(['model.onnx']);
    // A file in place of a folder on the way.
    await writeFile(join(folder, 'file'), '');
    await expect(writeModel(join(folder, 'file', 'model.onnx'), big)).rejects.toMatchObject({
      code: 'NOT_A_FOLDER',
      message: expect.stringContaining(join(folder, 'file')),
    });
  });

  it('says where there was no room, and leaves nothing', async () => {
    const script = fileURLToPath(new URL('./children/write-model.ts', import.meta.url));
    const node = '"$0" --conditions=@ood/source --import tsx "$@"';
    const { stdout } = spawnSync(
      '/bin/bash',
      ['-c', `ulimit -f 8; exec ${node}`, process.execPath, script, path],
      { encoding: 'utf8' },
    );
    expect(stdout).toBe(
      `DISK_FULL: ${path}: expected to write there, got a limit on the size of files (EFBIG); raise it (ulimit -f), or write to another file system, and run it again`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'that may not be read is named (skipped for root, who may)',
    async () => {
      await writeModel(path, big);
      await chmod(path, 0);
      for (const read of [readModel, hashModel])
        await expect(read(path)).rejects.toMatchObject({
          code: 'PERMISSION_DENIED',
          message: expect.stringMatching(/permission denied \(EACCES\)/),
        });
    },
  );

  it('hands large tensors to the runtime apart from the model where it would be too large', async () => {
    for (const maxInlineBytes of [1000, 1e6]) {
      const session = await openModel(nodeRuntime, big, {
        maxInlineBytes,
        optimization: 'disabled',
        threads: 1,
      });
      expect(await session.run(feeds)).toEqual(await run(big, feeds));
      await session.close();
    }
  });
});

const moved = (location: string): ModelProto =>
  moveToExternalData(linearModel(), { location, minBytes: 1 }).model;
const withEntry = (key: string, value: string): ModelProto => {
  const model = moved('data.bin');
  const entries = model.graph!.initializer[0]!.externalData;
  const entry = entries.find(other => other.key === key)!;
  entry.value = value;
  return model;
};

describe('external data that cannot be used', () => {
  it.each<[string, () => ModelProto, string, RegExp]>([
    [
      'above the folder',
      () => moved('../secret.bin'),
      'UNSAFE_PATH',
      /"W": expected external data inside the model's folder/,
    ],
    ['above the folder by a detour', () => moved('sub/../../secret.bin'), 'UNSAFE_PATH', /secret/],
    ['with backslashes', () => moved('..\\secret.bin'), 'UNSAFE_PATH', /secret/],
    ['at an absolute path', () => moved('/etc/hostname'), 'UNSAFE_PATH', /hostname/],
    ['on another drive', () => moved('C:\\secret.bin'), 'UNSAFE_PATH', /secret/],
    ['behind a symbolic link', () => moved('link.bin'), 'UNSAFE_PATH', /symbolic link/],
    ['behind a symbolic link to a folder', () => moved('folder/secret.bin'), 'UNSAFE_PATH', /symbolic link/],
    ['missing', () => moved('gone.bin'), 'EXTERNAL_DATA', /gone\.bin/],
    ['a folder', () => moved('sub'), 'EXTERNAL_DATA', /regular file/],
    ['too short', () => moved('short.bin'), 'EXTERNAL_DATA', /at least \d+ bytes, got 3/],
    [
      'with a length that does not fit the shape',
      () => withEntry('length', '20'),
      'EXTERNAL_DATA',
      /24 bytes.*got 20/,
    ],
    ['with an offset that is none', () => withEntry('offset', '-5'), 'EXTERNAL_DATA', /offset.*"-5"/],
    [
      'with an offset beyond the file',
      () => withEntry('offset', '999999999999'),
      'EXTERNAL_DATA',
      /at least 1000000000023/,
    ],
    ['without a location', () => withEntry('location', ''), 'EXTERNAL_DATA', /a location/],
  ])('%s', async (_, model, code, message) => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(outside, 'secret.bin'), new Uint8Array(100));
    await symlink(join(outside, 'secret.bin'), join(folder, 'link.bin'));
    await symlink(outside, join(folder, 'folder'));
    await writeFile(join(folder, 'short.bin'), new Uint8Array(3));
    await writeFile(join(folder, 'data.bin'), new Uint8Array(8192));
    await writeFile(path, encodeModel(model()));
    const error = await readModel(path).catch((e: unknown) => e);
    expect(isOodError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(nodeRuntime.createSession(path)).rejects.toMatchObject({ name: 'OnnxError' });
  });

  it('cut short after writing', async () => {
    await writeModel(path, big, { externalData: 'always' });
    await truncate(join(folder, 'model.onnx.data'), 1000);
    await expect(readModel(path)).rejects.toMatchObject({ code: 'EXTERNAL_DATA' });
  });
});

describe('a path without a model', () => {
  it.each<[string, (at: string) => Promise<unknown>, string]>([
    ['nothing', async () => {}, 'FILE_NOT_FOUND'],
    ['a folder', at => mkdir(at), 'NOT_A_FILE'],
    ['an empty file', at => writeFile(at, ''), 'EMPTY_FILE'],
    ['text', at => writeFile(at, 'not found'), 'CORRUPT_FILE'],
    ['a web page', at => writeFile(at, '<html>not found</html>'), 'FOREIGN_FILE'],
  ])('%s', async (_, prepare, code) => {
    await prepare(path);
    await expect(readModel(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
  });
});

describe('external data behind links', () => {
  /** A model as the cache of a hub keeps it: links under `snapshots` to files under `blobs`. */
  async function cached(data: string): Promise<string> {
    const cache = join(folder, 'models--me--net');
    const snapshot = join(cache, 'snapshots', 'abc', 'onnx');
    await mkdir(join(cache, 'blobs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    const { model, chunks } = moveToExternalData(linearModel(), { location: 'model.onnx.data', minBytes: 1 });
    await writeFile(join(cache, 'blobs', 'aaaa'), encodeModel(model));
    await writeFile(join(cache, 'blobs', 'bbbb'), Buffer.concat(chunks));
    await symlink('../../../blobs/aaaa', join(snapshot, 'model.onnx'));
    await symlink(data, join(snapshot, 'model.onnx.data'));
    return join(snapshot, 'model.onnx');
  }

  it('are read and hashed where the links stay inside the hub cache', async () => {
    const at = await cached('../../../blobs/bbbb');
    const model = await readModel(at);
    const feeds = { x: floats([1, 2], [1, 2]) };
    expect(await run(model, feeds)).toEqual(await run(linearModel(), feeds));
    expect((await hashModel(at)).sha256).toHaveLength(64);
  });

  it.each([
    ['out of the cache', () => join(outside, 'bbbb')],
    ['to another model of the cache', () => '../../../../models--me--other/blobs/bbbb'],
    ['out of the cache through two links', () => '../../../blobs/far'],
  ])('are refused where a link leads %s', async (_, target) => {
    const at = await cached(target());
    await writeFile(join(outside, 'bbbb'), new Uint8Array(8192));
    await mkdir(join(folder, 'models--me--other', 'blobs'), { recursive: true });
    await writeFile(join(folder, 'models--me--other', 'blobs', 'bbbb'), new Uint8Array(8192));
    await symlink(join(outside, 'bbbb'), join(folder, 'models--me--net', 'blobs', 'far'));
    await expect(readModel(at)).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
    await expect(hashModel(at)).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
  });

  it('are read where a link stays inside the folder of the model', async () => {
    const { model, chunks } = moveToExternalData(linearModel(), { location: 'data', minBytes: 1 });
    await writeFile(path, encodeModel(model));
    await writeFile(join(folder, 'real'), Buffer.concat(chunks));
    await symlink('real', join(folder, 'data'));
    expect((await readModel(path)).graph?.initializer[0]?.rawData).toHaveLength(24);
  });
});

describe('external data that many tensors refer to', () => {
  const hostile = fileURLToPath(new URL('./hostile/amp.onnx', import.meta.url));

  it('are held once, also when they move to another file', async () => {
    await writeFile(path, await readFile(hostile));
    await writeFile(join(folder, 'big.bin'), '');
    await truncate(join(folder, 'big.bin'), 2 ** 26);
    const model = await readModel(path);
    const data = model
      .graph!.initializer.map(tensor => tensor.rawData)
      .filter(({ length }) => length === 2 ** 26);
    expect(data).toHaveLength(200);
    expect(new Set(data).size).toBe(1);
    const { chunks } = moveToExternalData(model, { location: 'data' });
    expect(chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBeLessThan(2 ** 27);
  });

  it('are refused before they are read where overlapping ranges add up to more than the file holds', async () => {
    const model = decodeModel(await readFile(hostile));
    for (const [i, { externalData }] of model.graph!.initializer.entries()) {
      for (const entry of externalData) if (entry.key === 'offset') entry.value = `${4 * i}`;
    }
    await writeFile(path, encodeModel(model));
    await writeFile(join(folder, 'big.bin'), '');
    await truncate(join(folder, 'big.bin'), 2 ** 26 + 4096);
    await expect(readModel(path)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('are refused beyond what the caller allows', async () => {
    await writeModel(path, big, { externalData: 'always' });
    await expect(readModel(path, { maxExternalBytes: 79_999 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(readModel(path, { maxExternalBytes: 80_000 })).resolves.toBeDefined();
  });
});
