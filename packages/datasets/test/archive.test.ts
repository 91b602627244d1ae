import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  archiveImages,
  collect,
  type DatasetError,
  extractArchive,
  isIndexed,
  openArchive,
} from '../src/index.ts';
import { makeTar, paxRecord, type TarPart } from './support/make-tar.ts';
import { makeZip } from './support/make-zip.ts';
import { tempFolder } from './support/temp-folder.ts';

const folder = tempFolder();
const files: readonly TarPart[] = [
  { name: 'set/cat/1.png', data: 'one' },
  { name: 'set/cat/2.png', data: 'x'.repeat(1000) },
  { name: 'set/dog/3.JPG', data: '' },
  { name: 'set/readme.txt', data: 'no image' },
  { name: 'set/dog/._3.JPG', data: 'AppleDouble' },
];
const kinds = {
  tar: (parts: readonly TarPart[]) => makeTar(parts),
  'tar.gz': (parts: readonly TarPart[]) => gzipSync(makeTar(parts)),
  'zip, stored': (parts: readonly TarPart[]) => makeZip(parts),
  'zip, deflated': (parts: readonly TarPart[]) => makeZip(parts.map(part => ({ ...part, deflate: true }))),
};

describe.each(Object.entries(kinds))('a %s', (kind, make) => {
  it('is listed and read without unpacking, from memory and from a file', async () => {
    const path = join(folder, `plain-${kind}`);
    writeFileSync(path, make(files));
    for (const archive of [await openArchive(make(files)), await openArchive(path)]) {
      expect(archive.entries.map(entry => [entry.name, entry.size])).toEqual(
        files.map(file => [file.name, file.data!.length]),
      );
      expect(Buffer.from(await archive.read(1)).toString()).toBe('x'.repeat(1000));
      const seen: string[] = [];
      for await (const { index, bytes } of archive.stream(i => i !== 1))
        seen.push(`${index} ${Buffer.from(bytes)}`);
      expect(seen).toEqual(['0 one', '2 ', '3 no image', '4 AppleDouble']);
    }
  });

  it('gives images labeled by folder, with the shared folder left out of the ids', async () => {
    const samples = await archiveImages(make(files));
    expect(samples.classes).toEqual(['cat', 'dog']);
    expect(samples.length).toBe(3);
    expect((await collect(samples)).map(({ id, label, bytes }) => [id, label, bytes.length])).toEqual([
      ['cat/1.png', 0, 3],
      ['cat/2.png', 0, 1000],
      ['dog/3.JPG', 1, 0],
    ]);
    expect(isIndexed(samples)).toBe(kind !== 'tar.gz');
  });

  it('can be left in the middle and read again', async () => {
    const samples = await archiveImages(make(files));
    for await (const sample of samples) {
      expect(sample.id).toBe('cat/1.png');
      break;
    }
    expect(await collect(samples)).toHaveLength(3);
  });

  it('is unpacked whole, or not at all', async () => {
    const target = join(folder, `out-${kind}`);
    expect(await extractArchive(make(files), target, { include: name => name.endsWith('.png') })).toBe(2);
    expect(readFileSync(join(target, 'set/cat/1.png'), 'utf8')).toBe('one');
    let unpacked = 0;
    const again = extractArchive(make(files), target, { onProgress: () => unpacked++ });
    await expect(again).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(unpacked).toBe(0);
    expect(readdirSync(folder).filter(name => name.includes('incomplete'))).toEqual([]);
  });

  it.each([
    ['../evil.png', 'path through'],
    ['a/../../evil.png', 'path through'],
    ['/etc/evil.png', 'absolute'],
    ['C:/evil.png', 'drive'],
    ['a\\..\\evil.png', 'backslash'],
    ['evil\n.png', 'control'],
  ])('is refused for the entry %j, and nothing is written', async (name, why) => {
    const before = readdirSync(folder).sort();
    const bytes = make([files[0]!, { name, data: 'evil' }]);
    await expect(extractArchive(bytes, join(folder, 'never'))).rejects.toMatchObject({
      code: 'UNSAFE_ENTRY',
      details: { entry: name },
      message: expect.stringContaining(why),
    });
    await expect(openArchive(bytes)).rejects.toMatchObject({ name: 'DatasetError' });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('is refused where a name comes twice', async () => {
    await expect(openArchive(make([files[0]!, files[0]!]))).rejects.toMatchObject({
      code: 'DUPLICATE_ENTRY',
      details: { entry: 'set/cat/1.png' },
    });
  });

  it('is not unpacked where names clash on a file system that ignores case', async () => {
    const bytes = make([
      { name: 'a/Photo.png', data: '1' },
      { name: 'a/photo.PNG', data: '2' },
    ]);
    await expect(extractArchive(bytes, join(folder, 'never'))).rejects.toMatchObject({
      code: 'UNSAFE_ENTRY',
    });
    expect((await openArchive(bytes)).entries).toHaveLength(2);
  });

  it.each([
    [{ maxEntries: 2 }, 'set/dog/3.JPG'],
    [{ maxEntryBytes: 999 }, 'set/cat/2.png'],
    [{ maxTotalBytes: 1002 }, 'set/cat/2.png'],
  ])('is refused beyond %j', async (limits, entry) => {
    const error = (await openArchive(make(files), limits).catch((e: unknown) => e)) as DatasetError;
    expect(error).toMatchObject({ name: 'DatasetError', code: 'TOO_LARGE' });
    // A zip knows its number of entries, a gzip stream its size, before any name is read.
    if (kind.startsWith('tar') && !('maxTotalBytes' in limits)) expect(error.details.entry).toBe(entry);
  });

  it('is refused when cut short anywhere', async () => {
    const bytes = make(files);
    for (const part of [0.3, 0.6, 0.9]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      const outcome = await openArchive(cut).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'DatasetError' });
      // A tar without its end marker is still one where it ends between two files.
      else expect(kind).toBe('tar');
    }
  });
});

describe('a tar', () => {
  it.each(['SymbolicLink', 'Link', 'CharacterDevice', 'FIFO'] as const)(
    'with a %s is refused',
    async type => {
      const bytes = makeTar([{ name: 'a/link.png', type, linkpath: '/etc/passwd' }]);
      for (const input of [bytes, gzipSync(bytes)]) {
        await expect(openArchive(input)).rejects.toMatchObject({
          code: 'UNSAFE_ENTRY',
          details: { entry: 'a/link.png' },
        });
      }
    },
  );

  it('takes long names and sizes from pax headers, and checks them like any other', async () => {
    const name = `${'deep/'.repeat(60)}x.png`;
    const good = makeTar([
      { name: 'PaxHeader', type: 'ExtendedHeader', data: paxRecord('path', name) },
      { name: 'short', data: 'content' },
      { name: 'next.png', data: 'n' },
    ]);
    for (const input of [good, gzipSync(good)]) {
      const archive = await openArchive(input);
      expect(archive.entries.map(entry => entry.name)).toEqual([name, 'next.png']);
      expect(Buffer.from(await archive.read(0)).toString()).toBe('content');
    }
    const evil = makeTar([
      { name: 'PaxHeader', type: 'ExtendedHeader', data: paxRecord('path', '../../x.png') },
      { name: 'short', data: 'content' },
    ]);
    await expect(openArchive(evil)).rejects.toMatchObject({
      code: 'UNSAFE_ENTRY',
      details: { entry: '../../x.png' },
    });
  });

  it('with a header that claims more than there is names the entry', async () => {
    const bytes = makeTar([{ name: 'big.png', data: 'abc', size: 100_000 }]);
    await expect(openArchive(bytes)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      details: { entry: 'big.png' },
    });
  });

  it('with a flipped bit in a header is refused', async () => {
    const bytes = makeTar(files);
    bytes[1024 + 3]! ^= 1;
    await expect(openArchive(bytes)).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
  });
});

describe('a tar.gz', () => {
  it('with a damaged stream is refused by its checksum', async () => {
    const bytes = gzipSync(makeTar(files), { level: 0 });
    bytes[600]! ^= 1;
    await expect(openArchive(bytes)).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
  });

  it('that is a bomb is refused before it is inflated', async () => {
    const bytes = gzipSync(makeTar([{ name: 'zeros.png', data: new Uint8Array(64 * 2 ** 20) }]));
    expect(bytes.length).toBeLessThan(100_000);
    const before = process.memoryUsage().arrayBuffers;
    await expect(openArchive(bytes)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });
});

describe('a zip', () => {
  it('with a symbolic link or an encrypted entry is refused', async () => {
    const link = makeZip([{ name: 'a/link.png', data: '/etc/passwd', mode: 0o120777 }]);
    await expect(openArchive(link)).rejects.toMatchObject({
      code: 'UNSAFE_ENTRY',
      details: { entry: 'a/link.png' },
    });
    const encrypted = makeZip([{ name: 'secret.png', data: 'x', deflate: true, encrypted: true }]);
    await expect(openArchive(encrypted)).rejects.toMatchObject({
      code: 'UNSAFE_ENTRY',
      details: { entry: 'secret.png' },
    });
  });

  it.each([true, false])(
    'with a wrong CRC-32 is refused when the entry is read (deflated: %s)',
    async deflate => {
      const archive = await openArchive(makeZip([{ name: 'a.png', data: 'content', crc: 1, deflate }]));
      await expect(archive.read(0)).rejects.toMatchObject({
        code: 'CORRUPT_FILE',
        details: { entry: 'a.png' },
      });
    },
  );

  it('that lies about the size of an entry is refused', async () => {
    const archive = await openArchive(
      makeZip([{ name: 'a.png', data: 'x'.repeat(5000), size: 10, deflate: true }]),
    );
    await expect(archive.read(0)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      details: { entry: 'a.png' },
    });
  });

  it('that is a bomb is refused by its ratio, before anything is inflated', async () => {
    const bomb = makeZip([{ name: 'zeros.png', data: new Uint8Array(32 * 2 ** 20), deflate: true }]);
    await expect(openArchive(bomb)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { entry: 'zeros.png' },
    });
  });
});

describe('archives of millions of entries', () => {
  it('are refused at the limit', async () => {
    const parts = Array.from({ length: 5000 }, (_, i) => ({ name: `${i}.png` }));
    for (const bytes of [makeTar(parts), gzipSync(makeTar(parts)), makeZip(parts)]) {
      await expect(openArchive(bytes, { maxEntries: 4999 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
      expect((await openArchive(bytes, { maxEntries: 5000 })).entries).toHaveLength(5000);
    }
  });
});

describe('images of an archive', () => {
  it('can be those of a list, in a folder inside', async () => {
    const only = [{ id: 'cat/2.png', label: 7 }, { id: 'dog/3.JPG' }];
    const samples = await archiveImages(makeTar(files), { root: 'set', only });
    expect((await collect(samples)).map(({ id, label }) => [id, label])).toEqual([
      ['cat/2.png', 7],
      ['dog/3.JPG', undefined],
    ]);
    await expect(
      archiveImages(makeTar(files), { root: 'set', only: [{ id: 'gone.png' }] }),
    ).rejects.toMatchObject({
      code: 'MISSING_IMAGE',
    });
  });

  it('are an error where there are none', async () => {
    await expect(archiveImages(makeTar([files[3]!]))).rejects.toMatchObject({ code: 'NO_IMAGES' });
  });

  it.each([Buffer.from('not an archive at all'), Buffer.alloc(2000), new Uint8Array()])(
    'are an error where it is no archive',
    async bytes => {
      await expect(archiveImages(bytes)).rejects.toMatchObject({ code: 'FOREIGN_FILE' });
    },
  );
});
