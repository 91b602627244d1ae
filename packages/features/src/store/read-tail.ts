import { type ByteRanges, canonicalJson, isOodError } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { decodeFooter } from './arrow/decode.ts';
import type { BlockPosition } from './arrow/encode.ts';
import { MAGIC } from './arrow/layout.ts';
import { corruptStore } from './corrupt-store.ts';
import { parseHeader, type StoreHeader } from './metadata.ts';
import { checkRegions } from './parse-columns.ts';
import { messageAt, type StoredBlock, storedBlock } from './scan.ts';

/**
 * Description and batch positions of a finished store, from its end.
 *
 * @throws FeaturesError FOREIGN_FILE, CORRUPT_FILE, NEWER_VERSION
 */
export async function readTail(
  file: ByteRanges,
  path: string,
): Promise<{ header: StoreHeader; blocks: readonly StoredBlock[] }> {
  const { size } = file;
  const ending = MAGIC.length + 4;
  if (size < 2 * ending || !isMagic(await file.read(0, MAGIC.length)))
    throw new FeaturesError('FOREIGN_FILE', {
      where: path,
      expected: 'a feature store (an Arrow file)',
      got: `${size} bytes that do not start as one`,
      advice: 'check the path',
      details: { path, size },
    });
  const end = await file.read(size - ending, ending);
  const footerLength = new DataView(end.buffer).getInt32(0, true);
  if (!isMagic(end.subarray(4)) || footerLength <= 0 || footerLength > size - ending)
    throw corruptStore(path, 'a whole Arrow file', 'one without its end: it was truncated');
  try {
    const footer = decodeFooter(await file.read(size - ending - footerLength, footerLength));
    // First of all whether it is one of ours: another writer need not say the same twice.
    const header = parseHeader(path, footer.metadata);
    const head = await messageAt(file, MAGIC.length + 2, size);
    if (!head || canonicalJson(head.message.metadata) !== canonicalJson(footer.metadata))
      throw corruptStore(path, 'the same description at the start and at the end', 'two');
    // Before the footer comes the mark that ends the stream.
    const range = { header, start: head.end, end: size - ending - footerLength - 8 };
    return { header, blocks: await readBlocks(file, path, footer.blocks, range) };
  } catch (error) {
    if (isOodError(error)) throw error;
    throw corruptStore(path, 'a readable footer', `one that does not parse (${String(error)})`);
  }
}

/** The batches that the footer names, which must follow each other from `start` to `end`. */
async function readBlocks(
  file: ByteRanges,
  path: string,
  positions: readonly BlockPosition[],
  range: { readonly header: StoreHeader; readonly start: number; readonly end: number },
): Promise<readonly StoredBlock[]> {
  const blocks: StoredBlock[] = [];
  let at = range.start;
  for (const { offset, metadataLength, bodyLength } of positions) {
    const found = offset === at ? await messageAt(file, at, range.end) : null;
    const end = at + metadataLength;
    if (found?.message.kind !== 'batch' || found.end !== end || found.message.bodyLength !== bodyLength)
      throw corruptStore(path, `a batch at ${at}`, 'something else');
    checkRegions(path, found.message.rows, found.message.buffers, range.header.layout);
    const block = storedBlock(found.message, range.header, { offset: at, metadataLength });
    if (!block)
      throw corruptStore(path, `the notes of the batch at ${at} as they were written`, 'others (checksum)');
    blocks.push(block);
    at = end + bodyLength;
  }
  if (at !== range.end) throw corruptStore(path, `batches up to ${range.end}`, `them up to ${at}`);
  return blocks;
}

function isMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}
