import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../../errors.ts';
import { silenceBackendBanner } from '../silence-backend-banner.ts';

/** What the files of a saved model of TensorFlow.js hold. */
export interface SavedModel {
  /** The parsed `model.json`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The bytes of all shards, in the order of the manifest. */
  readonly weights: Uint8Array;
  /** Where it comes from, for messages. */
  readonly source: string;
}

/** Loads a saved model (`LayersModel` or `GraphModel`), and disposes of it after `work`. @throws OnnxError `CORRUPT_FILE` */
export async function withSavedModel<T>(
  { json, weights, source }: SavedModel,
  work: (model: tf.LayersModel | tf.GraphModel) => T,
): Promise<T> {
  silenceBackendBanner();
  await tf.ready();
  const manifest = (json.weightsManifest ?? []) as { readonly weights: tf.io.WeightsManifestEntry[] }[];
  const { byteOffset, byteLength } = weights;
  const artifacts: tf.io.ModelArtifacts = {
    ...(json as object),
    modelTopology: json.modelTopology as object,
    weightSpecs: manifest.flatMap(group => group.weights),
    weightData: weights.buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
  };
  const handler = tf.io.fromMemory(artifacts);
  const loading = isGraphModel(json) ? tf.loadGraphModel(handler) : tf.loadLayersModel(handler);
  const model = await loading.catch((cause: unknown) => {
    throw notLoaded(source, cause);
  });
  try {
    return work(model);
  } finally {
    model.dispose();
  }
}

function isGraphModel({ format, modelTopology }: SavedModel['json']): boolean {
  const topology = modelTopology as Record<string, unknown> | undefined;
  return format === 'graph-model' || Array.isArray(topology?.node);
}

function notLoaded(source: string, cause: unknown): OnnxError {
  return new OnnxError('CORRUPT_FILE', {
    where: source,
    expected: 'a model of TensorFlow.js with all of its weights',
    got: (cause instanceof Error ? cause.message : String(cause)).slice(0, 300),
    advice: 'save it again: model.save(…), or tensorflowjs_converter',
    cause,
  });
}
