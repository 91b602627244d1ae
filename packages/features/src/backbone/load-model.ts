import { importOptional } from '@ood/core';
import { decodeModel, externalLocations, type ModelProto } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneDescription, TfjsModel } from './backbone.ts';

/** A model in memory and what identifies it. */
export interface LoadedModel {
  readonly model: ModelProto;
  readonly identity: BackboneDescription['model'];
}

/** Reads a model from a path (with its external data), from bytes, or from a model of TensorFlow.js. */
export async function loadModel(source: string | Uint8Array | TfjsModel): Promise<LoadedModel> {
  if (typeof source === 'string') {
    const { hashModel, readModel } = await import('@ood/onnx/node');
    const model = await readModel(source);
    return { model, identity: { ...(await hashModel(source)), source } };
  }
  if (!(source instanceof Uint8Array)) return loadTfjs(source);
  return { model: decoded(source), identity: await identityOf(source, nameOf(source)) };
}

function decoded(source: Uint8Array): ModelProto {
  const name = nameOf(source);
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
  return model;
}

const nameOf = (source: Uint8Array): string => `model of ${source.length} bytes`;

/** A model of TensorFlow.js that lies in memory: known by what it is recorded as. */
async function loadTfjs(source: TfjsModel): Promise<LoadedModel> {
  // Named by a variable: bundlers for models of ONNX leave it out.
  const recorder = '@ood/onnx/record';
  const load = () => import(/* @vite-ignore */ recorder) as Promise<typeof import('@ood/onnx/record')>;
  const { recordModel } = await importOptional(load, {
    where: 'openBackbone',
    name: '@tensorflow/tfjs',
    advice: 'install it: npm install @tensorflow/tfjs',
  });
  const { bytes } = recordModel(source as unknown as Parameters<typeof recordModel>[0]);
  const name = `model ${JSON.stringify(source.name ?? 'of TensorFlow.js')}`;
  return { model: decodeModel(bytes, { source: name }), identity: await identityOf(bytes, name) };
}

async function identityOf(bytes: Uint8Array, source: string): Promise<LoadedModel['identity']> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  const sha256 = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
  return { sha256, bytes: bytes.length, source };
}
