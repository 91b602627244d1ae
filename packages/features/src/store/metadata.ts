import { crc32 } from 'node:zlib';
import { canonicalJson } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { InputState } from '../extraction/input-chain.ts';
import type { Failure } from '../extraction/sample.ts';
import type { Metadata } from './arrow/encode.ts';
import { isLayout, type StoreLayout } from './arrow/layout.ts';
import type { Provenance } from './provenance.ts';

const STORE_VERSION = 2;

/** What a store says about itself in its schema. */
export interface StoreHeader {
  readonly layout: StoreLayout;
  /** `null` for features that were not extracted here, e.g. imported ones. */
  readonly provenance: Provenance | null;
}

/** What a record batch says beside its columns. */
export interface BatchNote {
  /** The input consumed up to the end of the batch; what a resumed run goes on from. */
  readonly input: InputState;
  readonly failures: readonly Failure[];
  /** CRC-32 of the body. */
  readonly crc32: number;
}

/** What a note is checked with: rows of the batch and body, and the checksum of the store's header. */
interface NoteContext {
  readonly rows: number;
  readonly header: StoreHeader;
}

export function headerMetadata(header: StoreHeader): Metadata {
  return {
    'ood.format': 'feature-store',
    'ood.version': String(STORE_VERSION),
    'ood.layout': canonicalJson(header.layout),
    'ood.provenance': canonicalJson(header.provenance),
    'ood.checksum': headerChecksum(header),
  };
}

function headerChecksum({ layout, provenance }: StoreHeader): string {
  return String(crc32(canonicalJson([STORE_VERSION, layout, provenance])));
}

/** Over everything that a batch's metadata say, and over the header, so that no batch passes for one of another store. */
function noteChecksum({ input, failures, crc32: body }: BatchNote, { rows, header }: NoteContext): string {
  return String(crc32(canonicalJson([headerChecksum(header), rows, input, failures, body])));
}

/** @throws FeaturesError FOREIGN_FILE for another kind of Arrow file, NEWER_VERSION, UNSUPPORTED for an older one, CORRUPT_FILE */
export function parseHeader(path: string, metadata: Metadata): StoreHeader {
  if (metadata['ood.format'] !== 'feature-store')
    throw new FeaturesError('FOREIGN_FILE', {
      where: path,
      expected: 'an Arrow file written as a feature store',
      got: 'one without that mark',
      advice: 'take its columns over with importFeatures',
      details: { path },
    });
  const version = Number(metadata['ood.version']);
  if (!(version <= STORE_VERSION))
    throw new FeaturesError('NEWER_VERSION', {
      where: path,
      expected: `feature store version ${STORE_VERSION} or older`,
      got: `${metadata['ood.version']}`,
      advice: 'update @ood/features to read it',
      details: { path, version },
    });
  if (version < STORE_VERSION)
    throw new FeaturesError('UNSUPPORTED', {
      where: path,
      expected: `feature store version ${STORE_VERSION}`,
      got: `version ${version}, whose descriptions had no checksum`,
      advice: 'extract the features again',
      details: { path, version },
    });
  try {
    const layout: StoreLayout = JSON.parse(metadata['ood.layout'] ?? '');
    const header = { layout, provenance: JSON.parse(metadata['ood.provenance'] ?? 'null') };
    if (isLayout(layout) && metadata['ood.checksum'] === headerChecksum(header)) return header;
  } catch {}
  throw new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected: 'a readable description of the columns',
    got: 'another',
    advice: 'restore the file, or delete it and extract again',
    details: { path },
  });
}

export function batchMetadata(note: BatchNote, context: NoteContext): Metadata {
  return {
    'ood.crc32': String(note.crc32),
    'ood.input': canonicalJson(note.input),
    ...(note.failures.length > 0 && { 'ood.failures': JSON.stringify(note.failures) }),
    'ood.checksum': noteChecksum(note, context),
  };
}

/** The note of a batch; undefined where the metadata are not those that were written. */
export function parseBatchNote(metadata: Metadata, context: NoteContext): BatchNote | undefined {
  try {
    const note: BatchNote = {
      input: JSON.parse(metadata['ood.input'] ?? ''),
      failures: metadata['ood.failures'] ? JSON.parse(metadata['ood.failures']) : [],
      crc32: Number(metadata['ood.crc32']),
    };
    return isNote(note) && metadata['ood.checksum'] === noteChecksum(note, context) ? note : undefined;
  } catch {
    return undefined;
  }
}

/** A checksum is no signature: whoever wrote these, they must be what they are used as. */
function isNote({ input, failures }: BatchNote): boolean {
  return (
    Number.isSafeInteger(input?.next) &&
    typeof input.ids === 'string' &&
    typeof input.content === 'string' &&
    Array.isArray(failures) &&
    failures.every(failure => typeof failure?.id === 'string' && Number.isSafeInteger(failure.index))
  );
}
