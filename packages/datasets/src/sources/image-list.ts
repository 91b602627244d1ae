import { join } from 'node:path';
import { type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { linesOf } from '../bytes/lines.ts';
import type { BytesSample, SampleKey } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { unreadable } from '../errors.ts';
import { readImage } from './image-folder.ts';

export interface ImageListOptions {
  /** Folder that the paths of the list are relative to. */
  readonly root: string;
  /** Largest file that is read, in bytes. Default: 256 MiB. */
  readonly maxFileBytes?: number;
}

/**
 * Images named by a list file, in its order: OpenOOD's imglist format, `path label` a line. Instead of a number there
 * may be a dictionary (`{'label': 3, …}`); a negative label (OpenOOD writes −1 for OOD) and a line without one give no
 * label. Lists are downloaded files: absolute paths and `..` are refused.
 *
 * @throws DatasetError naming the line.
 */
export async function imageList(
  list: BytesInput,
  { root, maxFileBytes = 256 * 2 ** 20 }: ImageListOptions,
): Promise<IndexedSamples<BytesSample>> {
  const keys = await readImageList(list);
  return indexedSamples({
    length: keys.length,
    key: index => keys[index]!,
    read: async index => ({
      ...keys[index]!,
      bytes: await readImage(join(root, keys[index]!.id), maxFileBytes),
    }),
  });
}

/** Paths (as ids) and labels of an image list. */
export async function readImageList(list: BytesInput): Promise<SampleKey[]> {
  const source = await openBytes(list);
  const keys: SampleKey[] = [];
  for await (const { text, line } of linesOf(source)) {
    if (text.trim() === '') continue;
    const key = parseLine(text.trim());
    if (key === undefined || /^(\/|[a-z]:)|\\|(^|\/)\.\.(\/|$)|\0/i.test(key.id)) {
      throw unreadable(key === undefined ? 'CORRUPT_FILE' : 'UNSUPPORTED', source, {
        expected: `a relative path and a label in line ${line}`,
        got: JSON.stringify(text.slice(0, 120)),
        advice: 'lines look like "cifar10/test/airplane/0001.png 0"',
      });
    }
    keys.push(key);
  }
  return keys;
}

function parseLine(text: string): SampleKey | undefined {
  const numbered = /^(.+?)\s+(-?\d{1,9})$/.exec(text);
  if (numbered !== null) return withLabel(numbered[1]!, Number(numbered[2]));
  const described = /^(\S+)\s+(\{.*\})$/.exec(text);
  if (described !== null) {
    const label = /['"]label['"]\s*:\s*(-?\d{1,9})/.exec(described[2]!)?.[1];
    return withLabel(described[1]!, label === undefined ? -1 : Number(label));
  }
  return text.includes('{') ? undefined : { id: text };
}

function withLabel(id: string, label: number): SampleKey {
  return label < 0 ? { id } : { id, label };
}
