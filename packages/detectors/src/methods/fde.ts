import type {
  Flow,
  FitOptions as FlowFitOptions,
  FlowsError,
  History,
  LabelledRows,
  Preset,
  RowSource,
} from '@ood/flows';
import { isFlowsError } from '@ood/flows/safetensors';
import { appendNodes, decodeModel, makeNode, upgradeOpset } from '@ood/onnx';
import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment, FitSettings, Fitted, Method, MethodOptions, Scorer } from '../contract/method.ts';
import type { Head, Matrix, TrainingRows, TrainingSource } from '../contract/rows.ts';
import { isStream, openTraining, type Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { openProducts, type Products } from '../linear-algebra/products.ts';
import { type Flows, loadFlows } from './load-flows.ts';

const PAPER =
  'Cook, Lavoie and Waslander, 2024: Feature density estimation for out-of-distribution detection via normalizing flows';

/** Training of the flow; what is left out comes from its preset. */
export type FdeMethodOptions = {
  readonly seed: number;
  readonly epochs: number | undefined;
  readonly batchSize: number | undefined;
  readonly learningRate: number | undefined;
  /** Standard deviation of the Gaussian noise on prepared rows. */
  readonly noise: number | undefined;
};

/** A method whose density is a flow preset. */
function fdeMethod(name: string, title: string, preset: (flows: Flows) => Preset): Method<FdeMethodOptions> {
  return {
    name,
    title,
    paper: PAPER,
    needs: ['features'],
    reads: ['features'],
    defaults: {
      seed: 1,
      epochs: undefined,
      batchSize: undefined,
      learningRate: undefined,
      noise: undefined,
    },
    fit: async (training, options, { source, head, runtime, threads, signal, onProgress, products }) => {
      const rows = await flowSource(source, { where: name, head, products, signal });
      await countRows(training);
      const flows = await loadFlows();
      const { flow, history } = await flows.fit(preset(flows), rows, {
        ...withoutUndefined(options),
        ...(runtime && { runtime }),
        ...(threads !== undefined && { threads }),
        ...(signal && { signal }),
        ...(onProgress && { onProgress: ({ step }) => onProgress({ stage: name, rows: step }) }),
      });
      try {
        return foundFlow(flows, flow, history);
      } finally {
        await flow.close();
      }
    },
    open: (fitted, environment) => flowScorer(() => decode(fitted, environment)),
    toOnnx: async (fitted, { features, score, opset }, { runtime, threads }) => {
      const [{ toOnnx }, flow] = [await loadFlows(), await decode(fitted, { runtime, threads })];
      try {
        const bytes = await toOnnx(flow, {
          input: features,
          output: 'detector/log_prob',
          opset: Math.min(opset, 21),
          ...(runtime && { runtime }),
        }).catch((cause: unknown) => {
          throw isFlowsError(cause) && cause.code === 'NOT_EXPORTABLE' ? notExportable(name, cause) : cause;
        });
        const model = decodeModel(bytes);
        return appendNodes(opset > 21 ? upgradeOpset(model, opset) : model, {
          nodes: [makeNode('Neg', { inputs: ['detector/log_prob'], outputs: [score] })],
          outputs: [{ name: score, type: 'float32', dims: ['batch'] }],
          keepOutputs: false,
        });
      } finally {
        await flow.close();
      }
    },
  };
}

/**
 * Feature density estimation: score = −log p(f) in nats under a normalizing flow fitted to ID features (Cook, Lavoie and
 * Waslander, 2024); `fde` is this library's own flow, the others are the paper's. Classes (labels, or the head's predictions) help
 * `fde` and are not needed.
 */
export const fde = fdeMethod('fde', 'FDE', flows => flows.fde());
export const fdeGlow = fdeMethod('fde-glow', 'FDE (Glow)', flows => flows.glow());
export const fdeRealNvp = fdeMethod('fde-real-nvp', 'FDE (RealNVP)', flows => flows.realNvp());
export const fdeResidual = fdeMethod('fde-residual', 'FDE (residual flow)', flows => flows.residual());

export interface FdeOptions extends FlowFitOptions {
  /** The flow and how it is trained. Default: `fde()`; the paper's are `glow()`, `realNvp()` and `residual()`. */
  readonly preset?: Preset;
  /** Predicts classes of rows that have neither labels nor logits. */
  readonly head?: Head;
}

/** A fitted flow as a detector. */
export interface FdeDetector extends Detector {
  readonly flow: Flow;
  /** How training went. */
  readonly history: History;
}

/**
 * Fits FDE, with every option that training a flow has. Needs features.
 *
 * @throws DetectorsError as every fit, and the FlowsError of `fit`
 */
export async function fitFde(source: TrainingSource, options: FdeOptions = {}): Promise<FdeDetector> {
  const flows = await loadFlows();
  const { preset = flows.fde(), head, ...training } = options;
  const { runtime, threads, signal } = training;
  const method = METHODS.find(({ name }) => name === `fde-${preset.name}`) ?? fde;
  const products = openProducts({ runtime, threads });
  try {
    const rows = await flowSource(source, { where: method.name, head, products, signal });
    const { flow, history } = await flows.fit(preset, rows, training);
    const fitted: Fitted<FdeMethodOptions> = {
      options: { ...method.defaults, ...pick(training, Object.keys(method.defaults)) },
      ...foundFlow(flows, flow, history),
      widths: { features: flow.model.inputDim },
    };
    const detector = createDetector({ ...method, open: () => flowScorer(async () => flow) }, fitted, {
      runtime,
      threads,
    });
    const close = async () => {
      await detector.close();
      await flow.close();
    };
    return { ...detector, close, flow, history };
  } finally {
    await products.close();
  }
}

const METHODS = [fde, fdeGlow, fdeRealNvp, fdeResidual];

function foundFlow({ encodeFlow }: Flows, flow: Flow, history: History) {
  const bytes = encodeFlow(flow);
  return {
    numbers: { steps: history.steps },
    arrays: { flow: { shape: [bytes.length], data: bytes } },
  };
}

async function decode(
  { arrays }: Fitted<FdeMethodOptions>,
  { runtime, threads }: Environment,
): Promise<Flow> {
  const { decodeFlow } = await loadFlows();
  return decodeFlow(arrays.flow.data as Uint8Array, {
    ...(runtime && { runtime }),
    ...(threads !== undefined && { threads }),
  });
}

function flowScorer(open: () => Promise<Flow>): Scorer {
  let opening: Promise<Flow> | undefined;
  return {
    score: async ({ features }, { signal }) => {
      opening ??= open();
      const logProb = await (await opening).logProb(float32(features), { ...(signal && { signal }) });
      return logProb.map(value => -value);
    },
    close: async () => (await opening)?.close(),
  };
}

interface FlowSourceOptions extends Pick<FitSettings, 'head' | 'signal'> {
  readonly where: string;
  readonly products: Products;
}

/** The checked rows as a flow takes them: a matrix stays one, a stream stays a stream. */
async function flowSource(source: TrainingSource, options: FlowSourceOptions): Promise<RowSource> {
  const first = isStream(source) ? await firstPart(source) : source;
  const hasClasses = first.labels !== undefined || first.logits !== undefined || options.head !== undefined;
  const training = openTraining(source, {
    ...options,
    needs: hasClasses ? ['features', 'labels'] : ['features'],
  });
  const labelled = ({ features, labels }: { features: Matrix; labels: Int32Array }): LabelledRows => ({
    ...float32(features),
    ...(hasClasses && { labels }),
  });
  if (isStream(source)) {
    return {
      async *open() {
        for await (const block of training.blocks()) yield labelled(block);
      },
    };
  }
  const labels: number[] = [];
  for await (const block of training.blocks()) for (const label of block.labels) labels.push(label);
  return labelled({ features: source.features!, labels: Int32Array.from(labels) });
}

async function firstPart(source: {
  open(): AsyncIterable<TrainingRows> | Iterable<TrainingRows>;
}): Promise<TrainingRows> {
  for await (const part of source.open()) return part;
  return {};
}

function notExportable(name: string, { expected, got, cause }: FlowsError): DetectorsError {
  return new DetectorsError('NOT_EXPORTABLE', {
    where: `${name}: toOnnx`,
    expected,
    got,
    advice: 'score with this library, or fit another flow, e.g. fde',
    cause,
  });
}

async function countRows(training: Training): Promise<void> {
  for await (const _block of training.blocks());
}

function float32({ rows, cols, data }: Matrix): { rows: number; cols: number; data: Float32Array } {
  return { rows, cols, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

function pick(options: object, names: readonly string[]): MethodOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
