import { inferShapes, openModel, type SessionOptions } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { Backbone, BackboneDescription, BackboneOptions, Head, HeadProof, Pooling } from './backbone.ts';
import { requireIndependentRows } from './batch-dependence.ts';
import { layerCandidates, withCandidates } from './candidates.ts';
import { checkFreeDimensions, checkOptions } from './check-options.ts';
import { chooseLayer, EMBEDDER, type LayerChoice } from './choose-layer.ts';
import { choosePooling, exposeFeatures } from './expose.ts';
import { hiddenHead } from './hidden-head.ts';
import { backboneInputs } from './inputs.ts';
import { loadModel } from './load-model.ts';
import { makeProbe } from './probe.ts';
import { proveHead, readHead } from './prove-head.ts';
import { firstRow, runBatch } from './run-batch.ts';
import { probeBatch, probeDims, probeFailed } from './run-probe.ts';

/**
 * Opens any pretrained ONNX model as a source of features and logits.
 *
 * A classifier's last linear layer is found in the graph (through Softmax, Flatten, Dropout and the like) and *proved*:
 * on a small batch of noise, W·f + b must equal the logits that the graph computes. Embedders give their only output, or
 * the one named as `layer`.
 *
 * @param source path of the model (its external data may be beside it), or its bytes
 * @throws FeaturesError with `candidates` for `layer` where no head can be found or proved; OnnxError for a file that
 *   cannot be read or run
 */
export async function openBackbone(
  source: string | Uint8Array,
  options: BackboneOptions = {},
): Promise<Backbone> {
  const { tolerance = 1e-3 } = options;
  checkOptions(options);
  const runtime = options.runtime ?? (await import('@ood/onnx/node')).nodeRuntime;
  const { model, identity } = await loadModel(source);
  const inputs = backboneInputs(model);
  const inference = inferShapes(model);
  const choice = chooseLayer(model, inference, { ...options, source: identity.source });
  checkFreeDimensions(inputs, options.freeDimensions ?? {});
  const probe = makeProbe(inputs, options.freeDimensions ?? {});
  const sessionOptions = { ...pickSessionOptions(options), source: identity.source };

  const dims =
    inference.tensors.get(choice.layer)?.dims ??
    (await probeDims(runtime, model, choice.layer, probe, sessionOptions));
  const rank = dims.length;
  const pooled: Pooling | undefined = choice.head && rank === 4 ? 'mean' : options.pooling;
  const pooling = choosePooling(choice.layer, dims, pooled);
  const exposed = exposeFeatures(model, {
    features: choice.layer,
    rank,
    pooling,
    logits: choice.logits,
  });
  const head = choice.head && (await readHead(model, choice.head, runtime));
  const session = await openModel(runtime, exposed.model, sessionOptions);
  const fedNames = new Set(session.inputs.map(input => input.name));
  const used = inputs.filter(input => fedNames.has(input.name));
  const fed = Object.fromEntries(Object.entries(probe).filter(([name]) => fedNames.has(name)));
  const candidates = layerCandidates(model, inference);
  const requireNoHiddenHead = (width: number): void => {
    if (choice.head || options.layer !== undefined || options.head === 'none') return;
    const hidden = hiddenHead(model, inference, { output: choice.layer, width });
    if (hidden === undefined) return;
    throw new FeaturesError(
      'NO_HEAD',
      withCandidates(
        {
          where: identity.source,
          expected: 'a classification head that reads its features linearly, or an embedding',
          got: `${choice.missing}; but ${hidden}`,
          advice: EMBEDDER,
        },
        candidates,
      ),
    );
  };
  try {
    const { runner, output } = await probeBatch({ session, inputs: used, names: exposed }, fed).catch(
      (cause: unknown) => {
        throw probeFailed(identity.source, probe, cause);
      },
    );
    if (runner.batchSize !== 1)
      requireIndependentRows(identity.source, model, output, await runBatch(runner, firstRow(fed)));
    requireNoHiddenHead(output.features.cols);
    const proof = head && output.logits && proveHead(head, output.features, output.logits, tolerance);
    if (proof && !proof.proved) throw notProved(identity.source, choice, proof, candidates);

    const description: BackboneDescription = {
      model: identity,
      runtime: { name: runtime.name, version: runtime.version },
      inputs: used,
      layer: choice.layer,
      pooling,
      featureSize: output.features.cols,
      batchSize: runner.batchSize,
      head: describeHead(choice, head, proof),
      candidates,
    };
    return {
      inputs: used,
      inputShape: used[0]?.dims ?? [],
      featureSize: output.features.cols,
      ...(head && { head }),
      ...busyCores(options),
      run: batch => runBatch(runner, batch),
      describe: () => description,
      graph: () => exposed,
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
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

function describeHead(
  choice: LayerChoice,
  head: Head | undefined,
  proof: HeadProof | undefined,
): BackboneDescription['head'] {
  if (!choice.head || !head || !proof) return { missing: choice.missing ?? 'none' };
  const { kind, node, logits } = choice.head;
  const name = node.name || node.output[0]!;
  return { kind, node: name, logits, classes: head.weights.rows, proof };
}

function notProved(
  where: string,
  choice: LayerChoice,
  proof: HeadProof,
  candidates: ReturnType<typeof layerCandidates>,
): FeaturesError {
  const difference = proof.relativeDifference.toExponential(1);
  const silent = proof.relativeDifference <= proof.tolerance;
  return new FeaturesError(
    'HEAD_NOT_PROVED',
    withCandidates(
      {
        where: `${where}, ${choice.head?.kind} that reads ${JSON.stringify(choice.layer)}`,
        expected: `W·f + b to equal the logits to ${proof.tolerance} of the largest one`,
        got: silent
          ? 'a probe that W·f leaves at zero: features or weights are all zero'
          : Number.isFinite(proof.relativeDifference)
            ? `a difference of ${difference}`
            : 'logits of another shape, or not finite',
        advice: "name the tensor that holds the features as layer, with head: 'none', or raise the tolerance",
        details: { proof },
      },
      candidates,
    ),
  );
}
