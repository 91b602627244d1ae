import { createHash } from 'node:crypto';
import { canonicalJson } from '@ood/core';
import type { Backbone, LayerPart } from '../backbone/backbone.ts';
import type { FixedInputs } from '../backbone/fix-inputs.ts';
import { FeaturesError } from '../errors.ts';
import type { Shard } from '../extraction/shard.ts';
import { type PreprocessingSummary, summarizePreprocessing } from '../preprocessing/hash.ts';
import type { Preprocessing } from '../preprocessing/preprocessing.ts';

/** What the features of a store depend on, apart from the inputs themselves. */
export interface Provenance {
  /** SHA-256 of the model's bytes, and the tensor that the features were read from; the parts of a row where there are several. */
  readonly model: {
    readonly sha256: string;
    readonly layer: string;
    readonly pooling: string;
    readonly layers?: readonly LayerPart[];
    /** Values of inputs that were fixed; absent where none was. */
    readonly inputs?: FixedInputs;
  };
  /** `null` where the inputs were vectors. */
  readonly preprocessing: PreprocessingSummary | null;
  readonly shard: Shard;
  /** Names of the model's classes, one for each column of the logits, where they are known. */
  readonly classNames?: readonly string[];
}

/** The provenance of features that `backbone` makes. */
export function provenanceOf(
  backbone: Pick<Backbone, 'describe'>,
  preprocessing: Preprocessing | undefined,
  shard: Shard = { index: 0, count: 1 },
  classNames?: readonly string[],
): Provenance {
  const { model, layer, pooling, layers, fixedInputs } = backbone.describe();
  return {
    model: {
      sha256: model.sha256,
      layer,
      pooling,
      ...(layers && { layers }),
      ...(fixedInputs && { inputs: fixedInputs }),
    },
    preprocessing: preprocessing ? summarizePreprocessing(preprocessing) : null,
    shard,
    ...(classNames && { classNames }),
  };
}

/** SHA-256 (hex) over model, layer, preprocessing, shard and inputs: equal hashes mean equal features. */
export function provenanceHash(
  { classNames: _, ...provenance }: Provenance,
  inputs: { readonly ids: string; readonly content: string },
) {
  return createHash('sha256').update(canonicalJson({ provenance, inputs })).digest('hex');
}

/**
 * @param expected the parts that must agree
 * @throws FeaturesError STORE_MISMATCH naming the first part that differs
 */
export function checkProvenance(
  path: string,
  stored: Provenance | null,
  expected: Partial<Provenance>,
): void {
  const fields = (value: Partial<Provenance> | null): Record<string, unknown> => ({
    'model bytes (SHA-256)': value?.model?.sha256,
    layer: value?.model?.layer,
    pooling: value?.model?.pooling,
    layers: value?.model && (value.model.layers ?? 'none'),
    'fixed inputs': value?.model && (value.model.inputs ?? {}),
    preprocessing: value?.preprocessing,
    shard: value?.shard,
  });
  const have = fields(stored);
  for (const [name, want] of Object.entries(fields(expected))) {
    if (want === undefined || canonicalJson(want) === canonicalJson(have[name] ?? null)) continue;
    throw new FeaturesError('STORE_MISMATCH', {
      where: path,
      expected: `features of ${name} ${canonicalJson(want)}`,
      got: canonicalJson(have[name] ?? null),
      advice: "extract to another path, or pass ifExists: 'overwrite'",
      details: { path, field: name, expected: want, got: have[name] ?? null },
    });
  }
}
