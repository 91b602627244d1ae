import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CatalogEntry, type CatalogFile, cacheFolder, folderVariable, Store } from '../src/index.ts';
import { loopbackServer, randomBytes, serve, sha256 } from './support/loopback-server.ts';
import { tempFolder } from './support/temp-folder.ts';

const root = tempFolder();
const server = await loopbackServer();
const bytes = randomBytes(50_000);
const other = randomBytes(50_000, 2);
let next = 0;

/** A data set of one file that this machine serves, and a store of its own. */
function place({ pinned = false, content = bytes }: { pinned?: boolean; content?: Buffer } = {}) {
  const name = `set-${next++}`;
  const file: CatalogFile = {
    name: 'data.bin',
    urls: [server.on(`/${name}`, serve(content))],
    format: 'text',
    ...(pinned ? {} : { bytes: bytes.length, sha256: sha256(bytes) }),
  };
  const entry: CatalogEntry = {
    name,
    title: name,
    description: '',
    license: '',
    citation: '',
    homepage: '',
    files: [file],
    splits: {},
    usage: '',
    overlaps: [],
    unverified: [],
  };
  const options = { root, env: {}, download: { backoffMs: 1, retries: 1 } };
  const store = new Store(options);
  const changed = (content: Buffer) => {
    writeFileSync(store.path(entry, file), content);
    utimesSync(store.path(entry, file), new Date(5000), new Date(5000));
  };
  return {
    entry,
    file,
    store,
    options,
    changed,
    path: store.path(entry, file),
    requests: () => server.requests.filter(r => r.path === `/${name}`).length,
  };
}

describe('a store', () => {
  it('downloads what is missing, once', async () => {
    const { entry, store, path, requests } = place();
    expect((await store.status(entry))[0]).toMatchObject({ state: 'missing', bytes: 0 });
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'catalog', path });
    expect((await store.status(entry))[0]).toMatchObject({ state: 'verified', bytes: 50_000 });
    await store.ensure(entry);
    expect(requests()).toBe(1);
    expect(existsSync(join(store.folder(entry), '.lock'))).toBe(false);
  });

  it('downloads once where two want the same at the same time', async () => {
    const { entry, store, options, requests } = place();
    await Promise.all([store.ensure(entry), new Store(options).ensure(entry)]);
    expect(requests()).toBe(1);
  });

  it('goes on where a killed process stopped, past the lock it left', async () => {
    const { entry, store, path } = place();
    server.on(`/${entry.name}`, (request, response, count) => {
      if (count > 0) return serve(bytes)(request, response, count);
      response
        .writeHead(200, { etag: '"v1"', 'content-length': bytes.length })
        .write(bytes.subarray(0, 20_000));
    });
    const script = new URL('./children/download-child.ts', import.meta.url).pathname;
    const args = ['--conditions=@ood/source', '--import', 'tsx', script, root, JSON.stringify(entry)];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    const gone = new Promise(resolve => child.on('exit', (_, signal) => resolve(signal)));
    const written = () => statSync(`${path}.incomplete`, { throwIfNoEntry: false })?.size === 20_000;
    await vi.waitFor(() => expect(written()).toBe(true), { timeout: 20_000 });
    child.kill('SIGKILL');
    expect(await gone).toBe('SIGKILL');
    expect(existsSync(join(root, entry.name, '.lock'))).toBe(true);
    expect((await store.status(entry))[0]).toMatchObject({ state: 'partial', bytes: 20_000 });
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'catalog' });
    const ranges = server.requests.filter(seen => seen.path === `/${entry.name}`).map(seen => seen.range);
    expect(ranges).toEqual([undefined, 'bytes=20000-']);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('takes a file that was put there by hand, if it is the right one', async () => {
    const { entry, store, path, requests } = place();
    mkdirSync(store.folder(entry), { recursive: true });
    writeFileSync(path, bytes);
    expect((await store.status(entry))[0]).toMatchObject({ state: 'present' });
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'catalog' });
    writeFileSync(path, other);
    await expect(store.ensure(entry)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', where: path });
    expect(requests()).toBe(0);
  });

  it('pins a file without a checksum on first use, and checks it ever after', async () => {
    const { entry, store, changed } = place({ pinned: true });
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'first use' });
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'pin' });
    expect((await store.verify(entry))[0]).toMatchObject({
      against: 'pin',
      checksums: { sha256: sha256(bytes) },
    });
    changed(other);
    expect((await store.status(entry))[0]).toMatchObject({ state: 'present' });
    await expect(store.ensure(entry)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    changed(bytes);
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'pin' });
  });

  it('holds a new download of a pinned file to its pin', async () => {
    const { entry, store, path } = place({ pinned: true });
    await store.ensure(entry);
    rmSync(path);
    server.on(`/${entry.name}`, serve(other));
    await expect(store.ensure(entry)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(existsSync(path)).toBe(false);
    server.on(`/${entry.name}`, serve(bytes));
    expect((await store.ensure(entry))[0]).toMatchObject({ against: 'pin' });
  });

  it('finds damage that left size and time alone when it is asked to verify', async () => {
    const { entry, store, path } = place();
    await store.ensure(entry);
    const { atime, mtime } = statSync(path);
    writeFileSync(path, other);
    utimesSync(path, atime, mtime);
    await expect(store.verify(entry)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', where: path });
  });

  it('asks no server in offline mode, and says what is missing', async () => {
    const { entry, options, requests, path } = place();
    for (const store of [
      new Store({ ...options, offline: true }),
      new Store({ ...options, env: { OOD_OFFLINE: '1' } }),
    ]) {
      await expect(store.ensure(entry)).rejects.toMatchObject({
        code: 'OFFLINE',
        message: expect.stringContaining(path),
      });
    }
    expect(requests()).toBe(0);
    expect(new Store({ ...options, env: { OOD_OFFLINE: '0' } }).offline).toBe(false);
  });

  it('only downloads the files of the split that is asked for', async () => {
    const { entry, file, store } = place();
    const two = {
      ...entry,
      files: [
        { ...file, split: 'train' },
        { ...file, name: 'other.bin', split: 'test' },
      ],
    };
    expect((await store.ensure(two, { split: 'test' })).map(done => done.file.name)).toEqual(['other.bin']);
    expect((await store.status(two)).map(({ state }) => state)).toEqual(['missing', 'verified']);
  });

  it('reads a data set from the folder that the environment names, and writes nothing into it', async () => {
    const { entry, options, requests } = place();
    const own = join(root, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'data.bin'), bytes);
    const store = new Store({ ...options, env: { [folderVariable(entry.name)]: own } });
    expect((await store.ensure(entry))[0]).toMatchObject({
      path: join(own, 'data.bin'),
      against: 'catalog',
    });
    expect((await store.status(entry))[0]).toMatchObject({ state: 'verified' });
    expect([requests(), readdirSync(own)]).toEqual([0, ['data.bin']]);
    expect(folderVariable('imagenet-1k')).toBe('OOD_DATASET_IMAGENET_1K');
  });

  it.each([
    ['{"formatVersion":2,"files":{}}', 'NEWER_VERSION', /version 2, of a newer release.*update/],
    ['garbage', 'CORRUPT_FILE', /something else/],
  ])('refuses the record of checksums %s', async (text, code, message) => {
    const { entry, store } = place();
    await store.ensure(entry);
    writeFileSync(join(store.folder(entry), 'checksums.json'), text);
    await expect(store.ensure(entry)).rejects.toThrow(message);
    await expect(store.status(entry)).rejects.toMatchObject({ code });
  });

  it('writes what it found where one can read it', async () => {
    const { entry, store } = place();
    await store.ensure(entry);
    const record = JSON.parse(readFileSync(join(store.folder(entry), 'checksums.json'), 'utf8'));
    expect(record).toMatchObject({
      formatVersion: 1,
      files: { 'data.bin': { origin: 'catalog', bytes: 50_000 } },
    });
  });
});

describe('the cache folder', () => {
  it.each([
    [{ OOD_HOME: '/data/ood', XDG_CACHE_HOME: '/x' }, 'linux', '/data/ood'],
    [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x/ood'],
    [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/me/.cache/ood'],
    [{ OOD_HOME: '' }, 'darwin', '/home/me/.cache/ood'],
    [{ LOCALAPPDATA: '/local' }, 'win32', '/local/ood'],
  ])('of %j on %s is %s', (env, platform, expected) => {
    expect(cacheFolder(env, { platform, home: '/home/me' })).toBe(expected);
    expect(new Store({ env: { OOD_HOME: '/data/ood' } }).root).toBe('/data/ood/datasets');
  });
});
