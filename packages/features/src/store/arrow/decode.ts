import { Footer } from 'apache-arrow/fb/footer';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';
import { ByteBuffer } from 'flatbuffers';
import type { BlockPosition, Metadata } from './encode.ts';
import type { BufferRegion } from './layout.ts';

/** A message's metadata, without its body. */
export interface DecodedMessage {
  readonly kind: 'schema' | 'batch' | 'other';
  readonly bodyLength: number;
  /** Of the message; of the schema for a schema message. */
  readonly metadata: Metadata;
  readonly rows: number;
  readonly buffers: readonly BufferRegion[];
}

/** @throws if the bytes are not a message's flatbuffer, or say lengths that cannot be */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  const keyValues = keyValuesIn(bytes);
  const base = { bodyLength: lengthOf(message.bodyLength()), rows: 0, buffers: [] };
  if (message.headerType() === MessageHeader.Schema)
    return { ...base, kind: 'schema', metadata: keyValues(message.header(new Schema()) as Schema) };
  const metadata = keyValues(message);
  if (message.headerType() !== MessageHeader.RecordBatch) return { ...base, kind: 'other', metadata };
  const batch = message.header(new RecordBatch()) as RecordBatch;
  const buffers = items(bytes, batch.buffersLength(), i => {
    const buffer = batch.buffers(i)!;
    return { offset: lengthOf(buffer.offset()), length: lengthOf(buffer.length()) };
  });
  return { ...base, kind: 'batch', metadata, rows: lengthOf(batch.length()), buffers };
}

/** Schema metadata and batch positions from a footer's flatbuffer. @throws if the bytes are none */
export function decodeFooter(bytes: Uint8Array): { metadata: Metadata; blocks: BlockPosition[] } {
  const footer = Footer.getRootAsFooter(new ByteBuffer(bytes));
  const blocks = items(bytes, footer.recordBatchesLength(), i => {
    const block = footer.recordBatches(i)!;
    return {
      offset: lengthOf(block.offset()),
      metadataLength: lengthOf(block.metaDataLength()),
      bodyLength: lengthOf(block.bodyLength()),
    };
  });
  return { metadata: keyValuesIn(bytes)(footer.schema()!), blocks };
}

/** A length or position. @throws for one that no file has */
function lengthOf(value: bigint | number): number {
  const length = Number(value);
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`a length of ${value}`);
  return length;
}

function keyValuesIn(bytes: Uint8Array) {
  return (table: Pick<Schema, 'customMetadata' | 'customMetadataLength'>): Metadata =>
    Object.fromEntries(
      items(bytes, table.customMetadataLength(), i => {
        const entry = table.customMetadata(i)!;
        return [entry.key() ?? '', entry.value() ?? ''];
      }),
    );
}

/** A vector's items. A damaged file may claim more of them than memory could hold. @throws if they cannot lie in `bytes` */
function items<T>(bytes: Uint8Array, length: number, item: (index: number) => T): T[] {
  if (length > bytes.length) throw new RangeError(`${length} items in ${bytes.length} bytes`);
  return Array.from({ length }, (_, i) => item(i));
}
