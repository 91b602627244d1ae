import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogEntry } from '@ood/datasets';
import { memoryIo } from '@ood/terminal/testing';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { runDownload } from '../src/commands/datasets/run-download.ts';
import { runInfo } from '../src/commands/datasets/run-info.ts';
import { runList } from '../src/commands/datasets/run-list.ts';
import { runVerify } from '../src/commands/datasets/run-verify.ts';
import { main } from '../src/main.ts';

const home = mkdtempSync(join(tmpdir(), 'ood-cli-datasets-'));
const bytes = Buffer.from('a small data set');
const server = createServer((request, response) => {
  if (request.url === '/data') response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  else response.writeHead(404).end();
});
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
const sha256 = createHash('sha256').update(bytes).digest('hex');

afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => rmSync(join(home, 'datasets'), { recursive: true, force: true }));

const about = {
  title: 'T',
  description: 'D',
  license: 'L',
  citation: 'C',
  homepage: 'https://h/',
  usage: 'U',
};
const small: CatalogEntry = {
  ...about,
  name: 'small',
  files: [{ name: 'data.bin', urls: [url], format: 'text', bytes: bytes.length, sha256 }],
  splits: { test: { samples: 2, layout: { kind: 'archive', archive: 'data.bin', classes: 'none' } } },
  overlaps: [{ id: 'cifar10', removed: 'three images' }],
  unverified: ['the license'],
};
const unpinned: CatalogEntry = {
  ...small,
  name: 'unpinned',
  files: [{ name: 'd', urls: [url], format: 'text' }],
};
const own: CatalogEntry = { ...small, name: 'own', files: [] };
const context = { entries: [small, unpinned, own] };

function start() {
  const { io, written } = memoryIo();
  return { io: { ...io, env: { OOD_HOME: home } }, written };
}

describe('ood datasets', () => {
  it('downloads, verifies, and prints the folder alone on stdout', async () => {
    const { io, written } = start();
    await runDownload({ names: ['small'], split: 'test', json: false }, io, context);
    expect(written.stdout).toBe(`${join(home, 'datasets/small')}\n`);
    expect(written.stderr).toMatch(/download data\.bin.*16 B of 16 B\nverify data\.bin/);
    expect(readFileSync(join(home, 'datasets/small/data.bin'))).toEqual(bytes);
  });

  it('says so where a file is pinned on first use', async () => {
    const { io, written } = start();
    await runDownload({ names: ['unpinned'], split: undefined, json: false }, io, context);
    expect(written.stderr).toContain(`no checksum is published for d; pinned sha256 ${sha256}`);
  });

  it('prints one JSON document and nothing else when asked', async () => {
    const { io, written } = start();
    await runDownload({ names: ['small', 'unpinned'], split: undefined, json: true }, io, context);
    expect(written.stderr).toBe('');
    expect(JSON.parse(written.stdout)).toMatchObject({
      schemaVersion: 1,
      datasets: [
        { name: 'small', files: [{ against: 'catalog', sha256, bytes: 16 }] },
        { name: 'unpinned', files: [{ against: 'first use' }] },
      ],
    });
  });

  it('lists what is there', async () => {
    const { io, written } = start();
    await runDownload({ names: ['small'], split: undefined, json: true }, start().io, context);
    await runList({ json: false }, io, context);
    const rows = written.stdout.split('\n').map(line => line.split(/ {2,}/));
    expect(rows.slice(2, 5)).toEqual(
      [
        ['small', '16 B', 'sha256', 'verified', 'T'],
        ['unpinned', '?', 'pinned on first use', 'no', 'T'],
        ['own', '–', '–', 'your own', 'T'],
      ].map(cells => cells.map(cell => expect.stringContaining(cell))),
    );
  });

  it('tells all that is known of a data set, also what is not verified', async () => {
    const { io, written } = start();
    await runInfo({ name: 'small', json: false }, io, context);
    for (const part of [
      sha256,
      url,
      'three images',
      'not verified\n  the license',
      '2 samples',
      'OOD_DATASET_SMALL',
    ]) {
      expect(written.stdout).toContain(part);
    }
  });

  it('verifies what is there, and names a damaged file', async () => {
    await runDownload({ names: ['small'], split: undefined, json: true }, start().io, context);
    const good = start();
    await runVerify({ names: [], json: false }, good.io, context);
    expect(good.written.stdout).toContain(sha256);
    writeFileSync(join(home, 'datasets/small/data.bin'), 'a small data sat');
    await expect(runVerify({ names: ['small'], json: false }, start().io, context)).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
    });
  });

  it('stops at Ctrl-C with exit code 130 and no file under its final name', async () => {
    const { io, written } = start();
    const args = ['datasets', 'download', 'fashion-mnist'];
    const code = await main(args, { ...io, signal: AbortSignal.abort(new Error('interrupted')) });
    expect([code, written.stderr]).toEqual([130, 'interrupted\n']);
    expect(existsSync(join(home, 'datasets/fashion-mnist/train-images-idx3-ubyte.gz'))).toBe(false);
  });
});

describe('ood datasets, as a command line', () => {
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const { io, written } = start();
    const code = await main(['datasets', ...args], { ...io, env: { ...io.env, OOD_OFFLINE: '1', ...env } });
    return { code, ...written };
  };

  it('lists the public data sets', async () => {
    const { code, stdout } = await run(['list', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, root: join(home, 'datasets') });
    expect(JSON.parse(stdout).datasets).toHaveLength(15);
    expect((await run(['list'])).stdout).toMatch(/cifar10 +170 MB +sha256 +no +CIFAR-10\n/);
  });

  it('informs about one', async () => {
    expect((await run(['info', 'textures'])).stdout).toMatch(/imagenet-1k as ID: 4 of the 47 classes/);
    expect(JSON.parse((await run(['info', 'mnist', '--json'])).stdout).dataset.name).toBe('mnist');
  });

  it('prints folders, also those that the environment names', async () => {
    expect((await run(['path'])).stdout).toBe(`${join(home, 'datasets')}\n`);
    expect((await run(['path', 'sun'])).stdout).toBe(`${join(home, 'datasets/sun')}\n`);
    expect((await run(['path', 'sun'], { OOD_DATASET_SUN: '/mine' })).stdout).toBe('/mine\n');
  });

  it('fails to verify a named data set that is not there', async () => {
    const { code, stderr } = await run(['verify', 'svhn']);
    expect(code).toBe(2);
    expect(stderr).toContain('svhn: expected files in');
    expect(stderr).toContain('ood datasets download svhn');
  });

  it('knows what is meant by CIFAR-10', async () => {
    expect((await run(['info', 'CIFAR-10'])).stderr).toContain('did you mean cifar10 or cifar100?');
  });

  it('has nothing to verify where nothing is', async () => {
    expect(await run(['verify'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'nothing to verify: no files here\n',
    });
  });

  it.each([
    [['download', 'cifar'], 2, "got 'cifar'; did you mean cifar10 or cifar100?"],
    [['info', 'nothing-like-it'], 2, 'see `ood datasets list`'],
    [['download', 'imagenet-1k'], 2, 'set OOD_DATASET_IMAGENET_1K to its folder'],
    [['download', 'svhn', '--split', 'val'], 2, "expected one of train, test, extra, got 'val'"],
    [['download', 'svhn', '--split', 'test'], 1, 'offline mode is on'],
    [['lst'], 2, 'Did you mean list?'],
    [
      ['overlap', 'cifar10', 'glyphs:test'],
      2,
      'expected a split, one of cifar10:train, cifar10:test, got none',
    ],
    [['overlap', 'glyphs:tset', 'glyphs:test'], 2, 'glyphs:train'],
    [['overlap', './nowhere', 'glyphs:test'], 2, 'no such folder or archive'],
    [['overlap', 'nowhere', 'glyphs:test'], 2, 'nowhere: expected a folder, an archive or NAME:SPLIT'],
    [['path', 'sun', 'mnist'], 2, 'too many arguments'],
  ])('%j ends with exit code %d and says %s', async (args, code, message) => {
    const outcome = await run(args);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });

  it('reports images that two sets share, from folders, archives and the embedded set', async () => {
    const [first, second] = [join(home, 'first'), join(home, 'second')];
    const noise = (seed: number) =>
      Buffer.from(Uint8Array.from({ length: 3072 }, (_, i) => (i * i * seed) % 251));
    const image = (seed: number) => sharp(noise(seed), { raw: { width: 32, height: 32, channels: 3 } });
    for (const folder of [first, second]) mkdirSync(folder, { recursive: true });
    await image(3).png().toFile(join(first, 'a.png'));
    await image(5).png().toFile(join(first, 'b.png'));
    await image(7).png().toFile(join(second, 'other.png'));
    const clean = await run(['overlap', first, second, '--fail-on-overlap']);
    expect(clean).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('compared 2 with 1 samples: 0 equal pairs'),
    });
    await image(3).jpeg({ quality: 95 }).toFile(join(second, 'copy.jpg'));
    await image(5).png().toFile(join(second, 'same.png'));
    const found = await run(['overlap', first, second, '--fail-on-overlap']);
    expect(found.code).toBe(3);
    expect(found.stdout).toMatch(/1 equal pairs, 1 nearly equal pairs/);
    expect(found.stdout).toMatch(/b\.png +same\.png +equal/);
    expect(found.stdout).toMatch(/a\.png +copy\.jpg +\d of 64 bits +[01]\.\d{3}/);
    const json = await run(['overlap', first, second, '--json']);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 1, exactCount: 1, nearCount: 1 });
  });

  it('names the damaged file of a data set', async () => {
    mkdirSync(join(home, 'datasets/mnist'), { recursive: true });
    writeFileSync(join(home, 'datasets/mnist/t10k-labels-idx1-ubyte.gz'), 'x');
    const { code, stderr } = await run(['verify', 'mnist']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/t10k-labels-idx1-ubyte\.gz: expected bytes 4542, got 1/);
  });
});
