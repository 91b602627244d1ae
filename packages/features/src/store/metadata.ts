import { FeaturesError } from '../errors.ts';
import type { InputState } from '../extraction/input-chain.ts';
import type { Failure } from '../extraction/sample.ts';
import { canonicalJson } from '../preprocessing/canonical-json.ts';
import type { Metadata } from './arrow/encode.ts';
import { isLayout, type StoreLayout } from './arrow/layout.ts';
import type { Provenance } from './provenance.ts';

const STORE_VERSION = 1;

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

export function headerMetadata({ layout, provenance }: StoreHeader): Metadata {
  return {
    'ood.format': 'feature-store',
    'ood.version': String(STORE_VERSION),
    'ood.layout': canonicalJson(layout),
    'ood.provenance': canonicalJson(provenance),
  };
}

/** @throws FeaturesError UNSUPPORTED for another kind of Arrow file, NEWER_VERSION, CORRUPT_FILE */
export function parseHeader(path: string, metadata: Metadata): StoreHeader {
  if (metadata['ood.format'] !== 'feature-store')
    throw new FeaturesError('UNSUPPORTED', {
      where: path,
      expected: 'an Arrow file written as a feature store',
      got: 'one without that mark',
      advice: 'read it with an Arrow library and write a store from its columns',
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
  try {
    const layout: StoreLayout = JSON.parse(metadata['ood.layout'] ?? '');
    if (isLayout(layout)) return { layout, provenance: JSON.parse(metadata['ood.provenance'] ?? 'null') };
  } catch {}
  throw new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected: 'a readable description of the columns',
    got: 'another',
    advice: 'restore the file, or delete it and extract again',
    details: { path },
  });
}

export function batchMetadata({ input, failures, crc32 }: BatchNote): Metadata {
  return {
    'ood.crc32': String(crc32),
    'ood.input': canonicalJson(input),
    ...(failures.length > 0 && { 'ood.failures': JSON.stringify(failures) }),
  };
}

/** @throws if the metadata are not those of a batch */
export function parseBatchNote(metadata: Metadata): BatchNote {
  return {
    input: JSON.parse(metadata['ood.input'] ?? ''),
    failures: metadata['ood.failures'] ? JSON.parse(metadata['ood.failures']) : [],
    crc32: Number(metadata['ood.crc32']),
  };
}
