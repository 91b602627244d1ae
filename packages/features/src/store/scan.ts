import { crc32 } from 'node:zlib';
import type { ByteRanges } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { type DecodedMessage, decodeMessage } from './arrow/decode.ts';
import type { BlockPosition } from './arrow/encode.ts';
import { CONTINUATION, MAGIC } from './arrow/layout.ts';
import { type BatchNote, parseBatchNote, parseHeader, type StoreHeader } from './metadata.ts';

export interface StoredBlock extends BlockPosition {
  readonly rows: number;
  readonly note: BatchNote;
}

export interface Scan {
  readonly header: StoreHeader;
  /** Complete batches, in order. */
  readonly blocks: readonly StoredBlock[];
  /** Where the last complete batch ends. */
  readonly end: number;
}

/**
 * The complete batches of an unfinished store: reading stops at the end of the file, at a torn message or at a footer,
 * and batches at the end whose checksum is wrong are dropped. `null` for a file that ends before its first batch begins.
 *
 * @throws FeaturesError CORRUPT_FILE if what is there is not the start of a store
 */
export async function scanIncomplete(file: ByteRanges, path: string): Promise<Scan | null> {
  const { size } = file;
  const first = await messageAt(file, MAGIC.length + 2, size);
  if (first === null && (await isTornHead(file, size))) return null;
  if (first?.message.kind !== 'schema')
    throw new FeaturesError('CORRUPT_FILE', {
      where: path,
      expected: 'the start of a feature store',
      got: `${size} bytes without a schema`,
      advice: 'delete the file and extract again',
      details: { path, size },
    });
  const header = parseHeader(path, first.message.metadata);
  const blocks: StoredBlock[] = [];
  let at = first.end;
  for (;;) {
    const next = await messageAt(file, at, size);
    const block =
      next?.message.kind === 'batch'
        ? storedBlock(next.message, header, { offset: at, metadataLength: next.end - at })
        : undefined;
    if (!next || !block) break;
    blocks.push(block);
    at = next.end + next.message.bodyLength;
  }
  while (blocks.length > 0 && !(await isIntact(file, blocks.at(-1)!))) blocks.pop();
  const last = blocks.at(-1);
  return { header, blocks, end: last ? last.offset + last.metadataLength + last.bodyLength : first.end };
}

/** The batch that a message announces; undefined where its metadata are not those that were written. */
export function storedBlock(
  { bodyLength, rows, metadata }: DecodedMessage,
  header: StoreHeader,
  position: Pick<BlockPosition, 'offset' | 'metadataLength'>,
): StoredBlock | undefined {
  const note = parseBatchNote(metadata, { rows, header });
  return note && { ...position, bodyLength, rows, note };
}

/** Whether a kill or a full disk stopped the writing of the very first bytes. */
async function isTornHead(file: ByteRanges, size: number): Promise<boolean> {
  const prefix = MAGIC.length + 2 + 8;
  const bytes = await file.read(0, Math.min(size, prefix));
  if (!MAGIC.subarray(0, size).every((byte, i) => bytes[i] === byte)) return false;
  return size < prefix || prefix + new DataView(bytes.buffer).getInt32(prefix - 4, true) > size;
}

/** The message at a position, or `null` where there is no whole one. */
export async function messageAt(
  file: ByteRanges,
  at: number,
  size: number,
): Promise<{ message: DecodedMessage; end: number } | null> {
  if (at + 8 > size) return null;
  const prefix = await file.read(at, 8);
  const view = new DataView(prefix.buffer);
  const length = view.getInt32(4, true);
  // Columns are read in place: a body must be aligned.
  const isOff = view.getUint32(0) !== CONTINUATION || length <= 0 || length % 8 !== 0;
  if (isOff || at + 8 + length > size) return null;
  try {
    const message = decodeMessage(await file.read(at + 8, length));
    const end = at + 8 + length;
    return end + message.bodyLength <= size ? { message, end } : null;
  } catch {
    return null;
  }
}

async function isIntact(file: ByteRanges, block: StoredBlock): Promise<boolean> {
  const body = await file.read(block.offset + block.metadataLength, block.bodyLength);
  return crc32(body) === block.note.crc32;
}
