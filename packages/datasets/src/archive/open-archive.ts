import { type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { isGzip } from '../bytes/gunzip.ts';
import type { Archive } from './archive.ts';
import { archiveError } from './errors.ts';
import { type ArchiveLimits, resolveLimits } from './limits.ts';
import { isTar, openTar } from './tar.ts';
import { openTarGz } from './tar-gz.ts';
import { isZip, openZip } from './zip.ts';

/**
 * Opens a tar, tar.gz or zip, known by its content, not by its name. Listing a tar.gz decompresses it once.
 *
 * @throws DatasetError where it is none of these, is damaged, or is refused; the message names the entry.
 */
export async function openArchive(input: BytesInput, options: ArchiveLimits = {}): Promise<Archive> {
  const source = await openBytes(input);
  const limits = resolveLimits(options);
  if (await isZip(source)) return openZip(source, limits);
  if (await isGzip(source)) return openTarGz(source, limits);
  if (await isTar(source)) return openTar(source, limits);
  throw archiveError('FOREIGN_FILE', {
    archive: source.name,
    expected: 'a tar, tar.gz or zip file',
    got: 'something else',
    advice: 'unpack it yourself and give the folder',
  });
}
