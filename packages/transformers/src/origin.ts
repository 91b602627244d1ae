import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { canonicalJson } from '@ood/core';
import type { Manifest } from '@ood/guard';
import { TransformersError } from './errors.ts';
import type { PipelineParts } from './pipeline.ts';

/** What made the features of a guard; kept in its manifest as `origin`. */
export type Origin = {
  readonly by: 'transformers.js';
  readonly task: string;
  /** SHA-256 of the model file, its external data included. */
  readonly model: string;
  readonly dtype: string;
  /** The tensor that holds the features, and how it becomes one vector per input. */
  readonly layer: string;
  readonly pooling: string;
  /** SHA-256 of how inputs are prepared. */
  readonly preparation: string;
};

const suffixes: Readonly<Record<string, string>> = {
  fp32: '',
  fp16: '_fp16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
  q4: '_q4',
  q2: '_q2',
  q1: '_q1',
  q4f16: '_q4f16',
  q2f16: '_q2f16',
  q1f16: '_q1f16',
  bnb4: '_bnb4',
};

/** The usual name of the file that a pipeline of a dtype loads. */
export const fileOf = (dtype: string): string => `onnx/model${suffixes[dtype] ?? ''}.onnx`;

/**
 * Refuses a file that by its name is of another dtype than the pipeline: the two may differ by less than engines do.
 *
 * @throws TransformersError `FOREIGN_MODEL`
 */
export function requireDtype(where: string, model: string | Uint8Array, dtype: string): void {
  const suffix = suffixes[dtype];
  if (typeof model !== 'string' || suffix === undefined) return;
  const found = /_(fp16|int8|uint8|quantized|q4f16|q2f16|q1f16|q4|q2|q1|bnb4)\.onnx$/.exec(basename(model));
  if ((found ? `_${found[1]}` : '') === suffix) return;
  throw foreignModel(where, `the file of dtype ${dtype} that the pipeline runs`, basename(model), dtype);
}

/** The refusal of a file that is not the one that the pipeline runs. */
export function foreignModel(where: string, expected: string, got: string, dtype: string): TransformersError {
  return new TransformersError('FOREIGN_MODEL', {
    where: `${where}, option "model"`,
    expected,
    got,
    advice: `name the file that the pipeline loaded (for dtype '${dtype}' usually ${fileOf(dtype)} in the model's folder), or make the pipeline with the dtype of this one`,
    details: { dtype },
  });
}

const PROBES = ['The quick brown fox, 0123456789.', 'Äöß? Ça va! 中文 🙂', ''];

/** SHA-256 of what the pipeline makes of a few texts, or of the configuration by which it prepares images or sounds. */
export function preparationOf({ task, tokenizer, processor }: PipelineParts): string {
  const hash = createHash('sha256');
  if (task.startsWith('image')) hash.update(canonicalJson(plain(processor?.image_processor?.config)));
  else if (task.startsWith('audio')) hash.update(canonicalJson(plain(processor?.feature_extractor?.config)));
  else {
    const inputs = tokenizer?.(PROBES, { padding: true, truncation: true }) ?? {};
    for (const name of Object.keys(inputs).sort())
      hash.update(`${name} ${Array.from(inputs[name]!.data).join(' ')}\n`);
  }
  return hash.digest('hex');
}

const plain = (config: object | undefined): Record<string, never> => JSON.parse(JSON.stringify(config ?? {}));

const parts = {
  task: ['task', 'FOREIGN_MODEL', 'make the pipeline that the guard was made with, or another guard'],
  dtype: ['dtype', 'FOREIGN_MODEL', 'make the pipeline with that dtype, or another guard'],
  model: [
    'model (SHA-256 of its file)',
    'FOREIGN_MODEL',
    'load the model that the guard was made with, or make another guard with fitPipelineGuard',
  ],
  preparation: [
    'preparation of inputs (SHA-256)',
    'FOREIGN_MODEL',
    'take the tokenizer or processor files that the guard was made with, or make another guard',
  ],
  layer: ['features', 'FOREIGN_MODEL', 'leave the options of features to the guard'],
  pooling: ['pooling', 'FOREIGN_MODEL', 'leave the options of features to the guard'],
} as const;

/** What a guard says of the pipeline that it was made with. @throws TransformersError `FOREIGN_GUARD` where that is nothing */
export function originOf(where: string, { origin }: Manifest): Origin {
  if (origin?.by === 'transformers.js') return origin as Origin;
  throw new TransformersError('FOREIGN_GUARD', {
    where,
    expected: 'a guard that was made with a pipeline',
    got: 'one that was made otherwise',
    advice: 'make one with fitPipelineGuard; other guards are opened with openGuard of @ood/guard',
  });
}

/** @throws TransformersError `FOREIGN_MODEL` naming the first part in which the pipeline is another than the guard's */
export function requireSameOrigin(where: string, guard: Origin, pipeline: Partial<Origin>): void {
  for (const [key, [name, code, advice]] of Object.entries(parts)) {
    const [expected, got] = [guard[key as keyof Origin], pipeline[key as keyof Origin]];
    if (got === undefined || got === expected) continue;
    throw new TransformersError(code, {
      where,
      expected: `the ${name} that the guard was made with, ${expected}`,
      got: `${got}`,
      advice,
      details: { part: key, expected, got },
    });
  }
}
