import { Block } from 'apache-arrow/fb/block';
import { Buffer as FbBuffer } from 'apache-arrow/fb/buffer';
import { Field } from 'apache-arrow/fb/field';
import { FieldNode } from 'apache-arrow/fb/field-node';
import { FixedSizeList } from 'apache-arrow/fb/fixed-size-list';
import { FloatingPoint } from 'apache-arrow/fb/floating-point';
import { Footer } from 'apache-arrow/fb/footer';
import { Int } from 'apache-arrow/fb/int';
import { KeyValue } from 'apache-arrow/fb/key-value';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import { Precision } from 'apache-arrow/fb/precision';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';
import { Type } from 'apache-arrow/fb/type';
import { Utf8 } from 'apache-arrow/fb/utf8';
import { Builder } from 'flatbuffers';
import {
  ALIGNMENT,
  type BufferRegion,
  CONTINUATION,
  type FieldNodeSize,
  MAGIC,
  type StoreLayout,
} from './layout.ts';

export type Metadata = Readonly<Record<string, string>>;

/** Where a record batch lies in the file. */
export interface BlockPosition {
  readonly offset: number;
  /** Length of prefix and metadata, padding included. */
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/** The first bytes of a store: magic and schema message. Bodies that follow are aligned. */
export function encodeHead(layout: StoreLayout, metadata: Metadata): Uint8Array {
  const builder = new Builder(1024);
  const schema = schemaTable(builder, layout, metadata);
  const message = encapsulate(finishMessage(builder, MessageHeader.Schema, schema, 0, {}), 8);
  const head = new Uint8Array(8 + message.length);
  head.set(MAGIC);
  head.set(message, 8);
  return head;
}

/** Prefix and metadata of a record batch whose body has these nodes and buffers, in the order of the columns. */
export function encodeBatchHead(
  rows: number,
  nodes: readonly FieldNodeSize[],
  regions: readonly BufferRegion[],
  bodyLength: number,
  metadata: Metadata,
): Uint8Array {
  const builder = new Builder(1024);
  RecordBatch.startNodesVector(builder, nodes.length);
  for (const node of nodes.toReversed())
    FieldNode.createFieldNode(builder, BigInt(node.length), BigInt(node.nulls));
  const nodesVector = builder.endVector();
  RecordBatch.startBuffersVector(builder, regions.length);
  for (const region of regions.toReversed())
    FbBuffer.createBuffer(builder, BigInt(region.offset), BigInt(region.length));
  const buffersVector = builder.endVector();
  RecordBatch.startRecordBatch(builder);
  RecordBatch.addLength(builder, BigInt(rows));
  RecordBatch.addNodes(builder, nodesVector);
  RecordBatch.addBuffers(builder, buffersVector);
  const batch = RecordBatch.endRecordBatch(builder);
  return encapsulate(finishMessage(builder, MessageHeader.RecordBatch, batch, bodyLength, metadata), 0);
}

/** The last bytes of a store: end-of-stream mark, footer, its length, magic. */
export function encodeTail(
  layout: StoreLayout,
  metadata: Metadata,
  blocks: readonly BlockPosition[],
): Uint8Array {
  const builder = new Builder(1024 + 24 * blocks.length);
  const schema = schemaTable(builder, layout, metadata);
  Footer.startRecordBatchesVector(builder, blocks.length);
  for (const block of blocks.toReversed())
    Block.createBlock(builder, BigInt(block.offset), block.metadataLength, BigInt(block.bodyLength));
  const batches = builder.endVector();
  Footer.startDictionariesVector(builder, 0);
  const dictionaries = builder.endVector();
  Footer.startFooter(builder);
  Footer.addVersion(builder, MetadataVersion.V5);
  Footer.addSchema(builder, schema);
  Footer.addDictionaries(builder, dictionaries);
  Footer.addRecordBatches(builder, batches);
  Footer.finishFooterBuffer(builder, Footer.endFooter(builder));
  const footer = builder.asUint8Array();

  const tail = new Uint8Array(8 + footer.length + 4 + MAGIC.length);
  const view = new DataView(tail.buffer);
  view.setUint32(0, CONTINUATION);
  tail.set(footer, 8);
  view.setInt32(8 + footer.length, footer.length, true);
  tail.set(MAGIC, 12 + footer.length);
  return tail;
}

function schemaTable(builder: Builder, { dim, classes, element }: StoreLayout, metadata: Metadata): number {
  const precision = element === 'float16' ? Precision.HALF : Precision.SINGLE;
  const vectors = (name: string, size: number) => {
    const value = field(builder, 'item', Type.FloatingPoint, floatType(builder, precision), false);
    const children = Field.createChildrenVector(builder, [value]);
    return field(
      builder,
      name,
      Type.FixedSizeList,
      FixedSizeList.createFixedSizeList(builder, size),
      false,
      children,
    );
  };
  const fields = [
    field(builder, 'id', Type.Utf8, utf8Type(builder), false),
    field(builder, 'index', Type.Int, Int.createInt(builder, 64, true), false),
    field(builder, 'label', Type.Int, Int.createInt(builder, 32, true), true),
    vectors('features', dim),
    ...(classes === undefined ? [] : [vectors('logits', classes)]),
  ];
  const fieldsVector = Schema.createFieldsVector(builder, fields);
  const keyValues = keyValueVector(builder, metadata, Schema.createCustomMetadataVector);
  Schema.startSchema(builder);
  Schema.addFields(builder, fieldsVector);
  Schema.addCustomMetadata(builder, keyValues);
  return Schema.endSchema(builder);
}

function field(
  builder: Builder,
  name: string,
  kind: Type,
  type: number,
  nullable: boolean,
  children?: number,
): number {
  const nameOffset = builder.createString(name);
  const childrenVector = children ?? Field.createChildrenVector(builder, []);
  Field.startField(builder);
  Field.addName(builder, nameOffset);
  Field.addNullable(builder, nullable);
  Field.addTypeType(builder, kind);
  Field.addType(builder, type);
  Field.addChildren(builder, childrenVector);
  return Field.endField(builder);
}

function floatType(builder: Builder, precision: Precision): number {
  return FloatingPoint.createFloatingPoint(builder, precision);
}

function utf8Type(builder: Builder): number {
  Utf8.startUtf8(builder);
  return Utf8.endUtf8(builder);
}

function keyValueVector(
  builder: Builder,
  metadata: Metadata,
  create: (builder: Builder, offsets: number[]) => number,
): number {
  const entries = Object.entries(metadata).map(([key, value]) =>
    KeyValue.createKeyValue(builder, builder.createString(key), builder.createString(value)),
  );
  return create(builder, entries);
}

function finishMessage(
  builder: Builder,
  kind: MessageHeader,
  header: number,
  bodyLength: number,
  metadata: Metadata,
): Uint8Array {
  const keyValues = keyValueVector(builder, metadata, Message.createCustomMetadataVector);
  const message = Message.createMessage(
    builder,
    MetadataVersion.V5,
    kind,
    header,
    BigInt(bodyLength),
    keyValues,
  );
  Message.finishMessageBuffer(builder, message);
  return builder.asUint8Array();
}

/** Prefix, length, metadata, and padding so that what follows is aligned if the message starts at `position`. */
function encapsulate(metadata: Uint8Array, position: number): Uint8Array {
  const unpadded = position + 8 + metadata.length;
  const length = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT - position;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CONTINUATION);
  view.setInt32(4, length - 8, true);
  bytes.set(metadata, 8);
  return bytes;
}
