import { decodeModel, externalLocations, type ModelProto } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneDescription } from './backbone.ts';

/** A model in memory and what identifies it. */
export interface LoadedModel {
  readonly model: ModelProto;
  readonly identity: BackboneDescription['model'];
}

/** Reads a model from a path (with its external data) or from bytes. */
export async function loadModel(source: string | Uint8Array): Promise<LoadedModel> {
  if (typeof source === 'string') {
    const { hashModel, readModel } = await import('@ood/onnx/node');
    const model = await readModel(source);
    return { model, identity: { ...(await hashModel(source)), source } };
  }
  const name = `model of ${source.length} bytes`;
  const model = decodeModel(source, { source: name });
  const [location] = externalLocations(model);
  if (location !== undefined) {
    throw new FeaturesError('INVALID_OPTION', {
      where: name,
      expected: 'a model with all of its data',
      got: `one that keeps tensors in ${JSON.stringify(location)}`,
      advice: 'open it by its path',
      details: { location },
    });
  }
  const digest = await crypto.subtle.digest('SHA-256', source as Uint8Array<ArrayBuffer>);
  const sha256 = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
  return { model, identity: { sha256, bytes: source.length, source: name } };
}
