import { findEntry } from '../archive/archive.ts';
import { openArchive } from '../archive/open-archive.ts';
import type { BytesInput } from '../bytes/byte-source.ts';
import type { SampleKey } from '../contract/sample.ts';
import { fileError } from '../errors.ts';
import { type ArchiveSamples, imagesOf } from '../sources/archive-images.ts';

const ROOT = 'tiny-imagenet-200';

/**
 * Tiny ImageNet from its zip: `train/<wnid>/images/*.JPEG`, or `val/images/*.JPEG` labeled by `val_annotations.txt`.
 * Classes are WordNet ids in sorted order.
 */
export async function tinyImagenet(input: BytesInput, part: 'train' | 'val'): Promise<ArchiveSamples> {
  const archive = await openArchive(input);
  if (part === 'train') return imagesOf(archive, { root: `${ROOT}/train` });
  const text = async (name: string) =>
    Buffer.from(await archive.read(findEntry(archive, `${ROOT}/${name}`))).toString('utf8');
  const classes = (await text('wnids.txt')).split(/\s+/).filter(Boolean).sort();
  const code = new Map(classes.map((name, i) => [name, i]));
  const lines = (await text('val/val_annotations.txt')).split('\n').filter(line => line.trim() !== '');
  const only = lines.map((line, i): SampleKey => {
    const [file, wnid] = line.split('\t');
    const label = code.get(wnid ?? '');
    if (file !== undefined && label !== undefined) return { id: file, label };
    throw fileError('CORRUPT_FILE', {
      file: `${archive.name}!val_annotations.txt`,
      expected: `a file name and a WordNet id in line ${i + 1}`,
      got: JSON.stringify(line.slice(0, 80)),
      advice: 'fetch the archive again',
    });
  });
  return { ...imagesOf(archive, { root: `${ROOT}/val/images`, only }), classes };
}
