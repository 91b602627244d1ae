import { throwIfAborted } from '@ood/core';
import { openModel, requireModestSizes, type SessionOptions } from '@ood/onnx';
import type { Backbone, BackboneDescription, BackboneOptions, TfjsModel } from './backbone.ts';
import { checkOptions } from './check-options.ts';
import { examine } from './examine.ts';
import { loadModel } from './load-model.ts';
import { withProbing } from './probing.ts';
import { runBatch } from './run-batch.ts';

/**
 * Opens any pretrained model, of ONNX or TensorFlow.js, as a source of features and logits.
 *
 * A classifier's last linear layer is found in the graph (through Softmax, Flatten, Dropout and the like) and *proved*:
 * on a small batch of noise, W·f + b must equal the logits that the graph computes. Embedders give their only output, or
 * the one named as `layer`.
 *
 * @param source path of the model (its external data may be beside it) or its bytes; or a model of TensorFlow.js: the path of its
 *   `model.json`, or the model itself, which is recorded into a graph of ONNX (with the package `@tensorflow/tfjs`)
 * @throws FeaturesError with `candidates` for `layer` where no head can be found or proved; OnnxError for a file that
 *   cannot be read or run, `TOO_LARGE` for one that asks for too much memory, `TIMED_OUT`, `WORKER_FAILED`; CoreError `ABORTED`
 */
export async function openBackbone(
  source: string | Uint8Array | TfjsModel,
  options: BackboneOptions = {},
): Promise<Backbone> {
  checkOptions(options);
  const { signal, freeDimensions = {} } = options;
  throwIfAborted('openBackbone', signal);
  const loaded = await loadModel(source);
  requireModestSizes(loaded.model, { freeDimensions });
  const sessionOptions = { ...pickSessionOptions(options), source: loaded.identity.source };
  const runtime = options.runtime ?? (await import('@ood/onnx/node')).nodeRuntime;
  const { examined, session } = await withProbing(options, async probing => {
    const found = await examine(loaded, { ...options, ...sessionOptions, runtime: probing });
    if (probing === runtime) return { examined: found, session: found.runner.session };
    await found.runner.session.close();
    return { examined: found, session: undefined };
  });
  const { runner, exposed, extended, head } = examined;
  const own = session ?? (await openModel(runtime, exposed.model, sessionOptions));
  const description: BackboneDescription = {
    model: loaded.identity,
    runtime: { name: runtime.name, version: runtime.version },
    ...examined.description,
  };
  return {
    inputs: runner.inputs,
    inputShape: runner.inputs[0]?.dims ?? [],
    featureSize: description.featureSize,
    ...(head && { head }),
    ...busyCores(options),
    run: batch => runBatch({ ...runner, session: own }, batch),
    describe: () => description,
    graph: ({ keepOutputs = false } = {}) => (keepOutputs ? extended() : exposed),
    close: () => own.close(),
  };
}

function pickSessionOptions({ threads, providers, optimization }: BackboneOptions): SessionOptions {
  return {
    ...(threads !== undefined && { threads }),
    ...(providers !== undefined && { providers }),
    ...(optimization !== undefined && { optimization }),
  };
}

function busyCores({ threads, providers }: BackboneOptions): Pick<Backbone, 'busyCores'> {
  if (providers !== undefined && providers[0] !== 'cpu') return { busyCores: 1 };
  return threads === undefined ? {} : { busyCores: threads };
}
