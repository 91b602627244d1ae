import type { Archive } from '../archive/archive.ts';
import type { ArchiveLimits } from '../archive/limits.ts';
import { openArchive } from '../archive/open-archive.ts';
import type { BytesInput } from '../bytes/byte-source.ts';
import type { BytesSample, SampleKey } from '../contract/sample.ts';
import { indexedSamples, type Samples, streamedSamples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import { commonFolder, isImageName, type LeftOut, LeftOutCounter, labelByFolder } from './images.ts';

export interface ArchiveImagesOptions extends ArchiveLimits {
  /** Folder inside the archive to read; ids and classes are relative to it. Default: the one that all images share. */
  readonly root?: string;
  /** `'folders'`: the first folder below the root is the class. `'none'`: no labels. Default: `'folders'`. */
  readonly classes?: 'folders' | 'none';
  /** Which entries, by path relative to the root. Default: images by the usual extensions. */
  readonly include?: (path: string) => boolean;
  /** Reads just these, with these labels, and refuses the archive where one is missing; ids are relative to the root. */
  readonly only?: readonly SampleKey[];
}

/** Images of an archive with the names of their classes. */
export interface ArchiveSamples extends Samples<BytesSample> {
  readonly length: number;
  readonly classes?: readonly string[];
  /** What else lies below the root. */
  readonly leftOut: LeftOut;
}

/**
 * Images inside a tar, tar.gz or zip, without unpacking it, in the order of the archive. From a tar or zip any sample
 * can be read at any time (the result is indexed); a tar.gz is decompressed once to list it and once an iteration.
 *
 * @throws DatasetError `NO_IMAGES`, `MISSING_IMAGE`.
 */
export async function archiveImages(
  input: BytesInput,
  options: ArchiveImagesOptions = {},
): Promise<ArchiveSamples> {
  return imagesOf(await openArchive(input, options), options);
}

/** {@link archiveImages} of an archive that is open already. */
export function imagesOf(archive: Archive, options: ArchiveImagesOptions = {}): ArchiveSamples {
  const { classes = 'folders', include = isImageName } = options;
  const given = options.root?.replace(/^\.?\/|\/$/g, '');
  const root = given === undefined || given === '' ? undefined : `${given}/`;
  const wanted = options.only === undefined ? undefined : new Map(options.only.map(key => [key.id, key]));
  const chosen: { entry: number; path: string }[] = [];
  const leftOut = new LeftOutCounter();
  for (const [entry, { name }] of archive.entries.entries()) {
    if (root !== undefined && !name.startsWith(root)) continue;
    const path = name.slice(root?.length ?? 0);
    if (wanted === undefined ? include(path) : wanted.has(path)) chosen.push({ entry, path });
    else if (wanted === undefined) leftOut.add(path, 'not an image by its name');
  }
  checkChosen(archive, chosen.length, wanted);
  const shared =
    root === undefined && wanted === undefined ? commonFolder(chosen.map(({ path }) => path)) : '';
  const paths = chosen.map(({ path }) => path.slice(shared.length));
  const labels = labelByFolder(paths, classes);
  const key = (index: number) => wanted?.get(paths[index]!) ?? labels.key(index);
  const named = wanted === undefined && labels.classes !== undefined;
  const about = { ...(named && { classes: labels.classes }), leftOut: leftOut.total() };
  if (archive.randomAccess) {
    const read = async (index: number) => ({
      ...key(index),
      bytes: await archive.read(chosen[index]!.entry),
    });
    return { ...indexedSamples<BytesSample>({ length: chosen.length, key, read }), ...about };
  }
  const position = new Map(chosen.map(({ entry }, index) => [entry, index]));
  const start = async function* (): AsyncGenerator<BytesSample> {
    for await (const { index, bytes } of archive.stream(entry => position.has(entry))) {
      yield { ...key(position.get(index)!), bytes };
    }
  };
  return { ...streamedSamples(start, chosen.length), length: chosen.length, ...about };
}

function checkChosen(
  archive: Archive,
  count: number,
  wanted: ReadonlyMap<string, SampleKey> | undefined,
): void {
  if (wanted !== undefined && count < wanted.size) {
    throw new DatasetError('MISSING_IMAGE', {
      where: archive.name,
      expected: `all ${wanted.size} images of the list`,
      got: `${count}`,
      advice: 'check that list and archive belong together, and the root inside the archive',
    });
  }
  if (count === 0) {
    throw new DatasetError('NO_IMAGES', {
      where: archive.name,
      expected: 'image files',
      got: `${archive.entries.length} entries, none an image below the root`,
      advice: 'check the archive and the root inside it',
    });
  }
}
