import { createHash } from 'node:crypto';
import type { Matrix } from '@ood/core';
import { type BackboneOptions, type Decision, type Head, makeProbe, openBackbone } from '@ood/features';
import { openModel, type Session, type Tensor } from '@ood/onnx';
import { hashModel } from '@ood/onnx/node';
import { type PipelineEngine, providersOf } from './engine.ts';
import { TransformersError } from './errors.ts';
import { foreignModel, type Origin, preparationOf, requireDtype } from './origin.ts';
import { dtypeOf, type NativeSession, type NativeTensor, type PipelineParts, tasks } from './pipeline.ts';
import { type EmbeddingPooling, pooledRows } from './pool.ts';

/** How to find the features of a pipeline's model. */
export interface FeatureOptions {
  /**
   * The ONNX file that the pipeline loaded, by its path (with external data beside it) or its bytes. That it is the one is proved: on
   * noise, it must put out what the pipeline's own session does.
   */
  readonly model: string | Uint8Array;
  /** Of classifiers: layer, tolerance and free dimensions, as for `openBackbone` of `@ood/features`. */
  readonly backbone?: Pick<BackboneOptions, 'layer' | 'tolerance' | 'freeDimensions'> | undefined;
  /**
   * Of embedders: the output that is guarded. Default: the first of `sentence_embedding`, `text_embeds`, `image_embeds`, `pooler_output`
   * (of images), `last_hidden_state`, `token_embeddings`, else the only one.
   */
  readonly output?: string | undefined;
  /** Of embedders whose output is `[n, tokens, d]`. Default: `'mean'` for texts, by their mask; `'cls'` for images. */
  readonly pooling?: EmbeddingPooling | undefined;
  /** Execution providers of the session with features. Default: those of the pipeline's device. */
  readonly providers?: readonly string[] | undefined;
}

/** What one pass of the model gives besides its own outputs. */
type ReadFeatures = (
  outputs: Readonly<Record<string, NativeTensor>>,
  feeds: Readonly<Record<string, NativeTensor>>,
) => Promise<Matrix<Float32Array>>;

/** A pipeline's model with its features. */
export interface OpenFeatures {
  readonly engine: PipelineEngine;
  readonly origin: Origin;
  /** The session to run in place of the pipeline's own; for embedders that one itself. */
  readonly session: NativeSession;
  readonly featureSize: number | undefined;
  readonly head?: { readonly head: Head; readonly decision: Decision };
  /** Names of outputs that are not the model's own. */
  readonly added: ReadonlySet<string>;
  readonly read: ReadFeatures;
  /** Releases what was opened here, never the pipeline's own session. */
  close(): Promise<void>;
}

/** Noise counts as proof at this difference, relative to the largest value: of the same arithmetic, and of steps of few bits. */
const EXACT = 1e-3;
const COARSE = 1e-2;

/** Opens the model of a pipeline with its features. @throws TransformersError `FOREIGN_MODEL`; FeaturesError as `openBackbone` */
export async function openFeatures(
  where: string,
  pipe: PipelineParts,
  { engine, ...options }: FeatureOptions & { readonly engine: PipelineEngine },
): Promise<OpenFeatures> {
  const own = pipe.model.sessions.model;
  const dtype = dtypeOf(pipe);
  requireDtype(where, options.model, dtype);
  const context = { where, pipe, own, dtype, engine, options };
  return tasks[pipe.task] === 'head' ? openClassifier(context) : openEmbedder(context);
}

interface Context {
  readonly where: string;
  readonly pipe: PipelineParts;
  readonly own: NativeSession;
  readonly dtype: string;
  readonly engine: PipelineEngine;
  readonly options: FeatureOptions;
}

async function openClassifier({ where, pipe, own, dtype, engine, options }: Context): Promise<OpenFeatures> {
  const providers = options.providers ?? providersOf(where, own);
  const freeDimensions = {
    ...usualSizes(pipe, engine.wrap(own, where)),
    ...options.backbone?.freeDimensions,
  };
  // The user loaded this file into the process already.
  const backbone = await openBackbone(options.model, {
    ...options.backbone,
    freeDimensions,
    head: 'require',
    runtime: engine.runtime,
    trusted: true,
  });
  const { model, layer, pooling, head: found, featureSize } = backbone.describe();
  const graph = backbone.graph({ keepOutputs: true });
  await backbone.close();
  const opened = await openModel(engine.runtime, graph.model, { providers, source: model.source });
  try {
    await requireSameOutputs({ where, own, engine, dtype, freeDimensions }, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
  const added = new Set([graph.features, ...(graph.logits === undefined ? [] : [graph.logits])]);
  return {
    engine,
    origin: {
      by: 'transformers.js',
      task: pipe.task,
      model: model.sha256,
      dtype,
      layer,
      pooling,
      preparation: preparationOf(pipe),
    },
    session: engine.nativeOf(opened),
    featureSize,
    ...(backbone.head && 'decision' in found && { head: { head: backbone.head, decision: found.decision } }),
    added,
    read: outputs => pooledRows(graph.features, outputs[graph.features]!, { pooling: 'mean' }),
    close: () => opened.close(),
  };
}

async function openEmbedder({ where, pipe, own, dtype, engine, options }: Context): Promise<OpenFeatures> {
  const { model, providers = providersOf(where, own) } = options;
  const freeDimensions = {
    ...usualSizes(pipe, engine.wrap(own, where)),
    ...options.backbone?.freeDimensions,
  };
  const same = await engine.runtime.createSession(model, { providers });
  try {
    await requireSameOutputs({ where, own, engine, dtype, freeDimensions }, same);
  } finally {
    await same.close();
  }
  const sha256 =
    typeof model === 'string'
      ? (await hashModel(model)).sha256
      : createHash('sha256').update(model).digest('hex');
  const output = options.output ?? outputOf(where, pipe.task, own.outputNames);
  if (!own.outputNames.includes(output)) throw noOutput(where, own.outputNames, output);
  const pooling = options.pooling ?? (pipe.task === 'feature-extraction' ? 'mean' : 'cls');
  return {
    engine,
    origin: {
      by: 'transformers.js',
      task: pipe.task,
      model: sha256,
      dtype,
      layer: output,
      pooling,
      preparation: preparationOf(pipe),
    },
    session: own,
    featureSize: undefined,
    added: new Set(),
    read: (outputs, feeds) => pooledRows(output, outputs[output]!, { pooling, mask: feeds.attention_mask }),
    close: async () => {},
  };
}

const usual: Readonly<Record<string, readonly string[]>> = {
  'feature-extraction': ['sentence_embedding', 'text_embeds', 'last_hidden_state', 'token_embeddings'],
  'image-feature-extraction': ['image_embeds', 'pooler_output', 'last_hidden_state'],
};

function outputOf(where: string, task: string, names: readonly string[]): string {
  const found = usual[task]?.find(name => names.includes(name));
  if (found !== undefined) return found;
  if (names.length === 1) return names[0]!;
  throw noOutput(where, names, undefined);
}

function noOutput(where: string, names: readonly string[], got: string | undefined): TransformersError {
  return new TransformersError('INVALID_OPTION', {
    where: `${where}, option "output"`,
    expected: `one of ${names.map(name => JSON.stringify(name)).join(', ')}, the model's outputs`,
    got: got === undefined ? 'none' : JSON.stringify(got),
    advice: 'name the one that holds the embedding',
    details: { option: 'output', outputs: [...names] },
  });
}

/** Sizes that the pipeline's own configuration gives to the free dimensions of its inputs. */
function usualSizes({ processor }: PipelineParts, { inputs }: Session): Record<string, number> {
  const image = processor?.image_processor as { crop_size?: unknown; size?: unknown } | null | undefined;
  const size = (image?.crop_size ?? image?.size) as
    | { height?: number; width?: number; shortest_edge?: number }
    | number
    | undefined;
  const edge = typeof size === 'number' ? size : size?.shortest_edge;
  const [height, width] = typeof size === 'object' ? [size.height ?? edge, size.width ?? edge] : [edge, edge];
  const sizes: Record<string, number> = {};
  for (const { name, dims, type } of inputs)
    dims.forEach((dim, axis) => {
      if (axis === 0 || typeof dim === 'number') return;
      const known =
        dims.length === 4 && axis >= 2
          ? axis === 2
            ? height
            : width
          : dims.length === 2 && type === 'float32'
            ? 16_000
            : undefined;
      if (typeof known === 'number') sizes[`${name}:${axis}`] = known;
    });
  return sizes;
}

/** Runs noise through the pipeline's own session and another. @throws TransformersError `FOREIGN_MODEL` where they differ */
async function requireSameOutputs(
  {
    where,
    own,
    engine,
    dtype,
    freeDimensions,
  }: Omit<Context, 'options' | 'pipe'> & { readonly freeDimensions: Readonly<Record<string, number>> },
  other: Session,
): Promise<void> {
  const pipeline = engine.wrap(own, where);
  const shapeOf = ({ inputs }: Session) =>
    JSON.stringify(inputs.map(({ name, type }) => [name, type]).sort());
  const expected = 'the file that the pipeline runs';
  if (shapeOf(pipeline) !== shapeOf(other))
    throw foreignModel(where, expected, `one of other inputs, ${shapeOf(other)}`, dtype);
  const noise = makeProbe(pipeline.inputs, freeDimensions);
  const names = pipeline.outputs.map(({ name }) => name);
  const missing = names.find(name => !other.outputs.some(output => output.name === name));
  if (missing !== undefined)
    throw foreignModel(where, expected, `one without the output ${JSON.stringify(missing)}`, dtype);
  const [theirs, ours] = [await pipeline.run(noise, names), await other.run(noise, names)];
  const tolerance = dtype === 'fp32' ? EXACT : COARSE;
  for (const name of names) {
    const difference = relativeDifference(theirs[name]!, ours[name]!);
    if (difference <= tolerance) continue;
    const got = `one whose ${name} differs by ${difference.toExponential(1)} of the largest value`;
    throw foreignModel(where, expected, got, dtype);
  }
}

function relativeDifference(a: Tensor, b: Tensor): number {
  const isFloat = a.type === 'float32' && b.type === 'float32';
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  if (!isFloat) return a.type === b.type ? 0 : Number.POSITIVE_INFINITY;
  let [largest, difference] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    largest = Math.max(largest, Math.abs(a.data[i]!));
    difference = Math.max(difference, Math.abs(a.data[i]! - b.data[i]!));
  }
  return difference === 0 ? 0 : difference / largest;
}
