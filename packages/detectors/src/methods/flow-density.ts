import { count, isOodError, notNegative, type OodError, positive, whole } from '@ood/core';
import type { Flow, FitOptions as FlowFitOptions, History, Preset } from '@ood/flows';
import { appendNodes, decodeModel, makeNode, upgradeOpset } from '@ood/onnx';
import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Fitted, Method, MethodOptions } from '../contract/method.ts';
import type { Head, TrainingSource } from '../contract/rows.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { flowScorer } from '../flow/flow-scorer.ts';
import { flowSource } from '../flow/flow-source.ts';
import { type Flows, loadFlows } from '../flow/load-flows.ts';
import { foundFlow, storedFlow } from '../flow/stored-flow.ts';
import { openProducts } from '../linear-algebra/products.ts';

const PAPER =
  'Cook, Lavoie and Waslander, 2024: Feature density estimation for out-of-distribution detection via normalizing flows';

/** Training of the flow; what is left out comes from its preset. */
export type FlowDensityMethodOptions = {
  readonly seed: number;
  readonly epochs: number | undefined;
  readonly batchSize: number | undefined;
  readonly learningRate: number | undefined;
  /** Standard deviation of the Gaussian noise on prepared rows. */
  readonly noise: number | undefined;
};

/** A method whose density is a flow preset. */
function flowMethod(
  name: string,
  title: string,
  preset: (flows: Flows) => Preset,
): Method<FlowDensityMethodOptions> {
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
    rules: { seed: count, epochs: whole, batchSize: whole, learningRate: positive, noise: notNegative },
    fit: async (training, options, { source, head, runtime, threads, signal, onProgress, products }) => {
      const rows = await flowSource(source, { where: name, head, products, signal });
      await countRows(training);
      const flows = await loadFlows();
      const { flow, history } = await flows.fit(preset(flows), rows, {
        ...options,
        runtime,
        threads,
        signal,
        onProgress: onProgress && (({ step }) => onProgress({ stage: name, rows: step })),
      });
      try {
        return foundFlow(flows, flow, history);
      } finally {
        await flow.close();
      }
    },
    open: (fitted, environment) => flowScorer(() => storedFlow(fitted.arrays, environment)),
    toOnnx: async (fitted, { features, score, opset }, environment) => {
      const [{ toOnnx }, flow] = [await loadFlows(), await storedFlow(fitted.arrays, environment)];
      try {
        const bytes = await toOnnx(flow, {
          input: features,
          output: 'detector/log_prob',
          opset: Math.min(opset, 21),
          runtime: environment.runtime,
        }).catch((cause: unknown) => {
          throw isOodError(cause, 'NOT_EXPORTABLE') ? notExportable(name, cause) : cause;
        });
        return appendNodes(upgradeOpset(decodeModel(bytes), opset), {
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
 * Waslander, 2024); `fde-flow` is this library's own flow alone, as `fde` joins it with a local density; the others are the paper's.
 * Classes (labels, or the head's predictions) help `fde-flow` and are not needed.
 */
export const fdeFlow = flowMethod('fde-flow', 'FDE (own flow alone)', flows => flows.fde());
export const fdeGlow = flowMethod('fde-glow', 'FDE (Glow)', flows => flows.glow());
export const fdeRealNvp = flowMethod('fde-real-nvp', 'FDE (RealNVP)', flows => flows.realNvp());
export const fdeResidual = flowMethod('fde-residual', 'FDE (residual flow)', flows => flows.residual());

export interface FlowDensityOptions extends FlowFitOptions {
  /** The flow and how it is trained. Default: `fde()`; the paper's are `glow()`, `realNvp()` and `residual()`. */
  readonly preset?: Preset;
  /** Predicts classes of rows that have neither labels nor logits. */
  readonly head?: Head;
}

/** A fitted flow as a detector. */
export interface FlowDensityDetector extends Detector {
  readonly flow: Flow;
  /** How training went. */
  readonly history: History;
}

/**
 * Fits a flow alone as density, with every option that training a flow has. Needs features.
 *
 * @throws DetectorsError as every fit, and the FlowsError of `fit`
 */
export async function fitFlowDensity(
  source: TrainingSource,
  options: FlowDensityOptions = {},
): Promise<FlowDensityDetector> {
  const flows = await loadFlows();
  const { preset = flows.fde(), head, ...training } = options;
  const { runtime, threads, signal } = training;
  const method = METHODS.find(({ name }) => name === `fde-${preset.name}`) ?? fdeFlow;
  const products = openProducts({ runtime, threads });
  try {
    const rows = await flowSource(source, { where: method.name, head, products, signal });
    const { flow, history } = await flows.fit(preset, rows, training);
    const fitted: Fitted<FlowDensityMethodOptions> = {
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

const METHODS = [fdeFlow, fdeGlow, fdeRealNvp, fdeResidual];

function notExportable(name: string, { expected, got, cause }: OodError): DetectorsError {
  return new DetectorsError('NOT_EXPORTABLE', {
    where: `${name}: toOnnx`,
    expected,
    got,
    advice: 'score with this library, or fit another flow, e.g. fde-flow',
    cause,
  });
}

export async function countRows(training: Training): Promise<void> {
  for await (const _block of training.blocks());
}

function pick(options: object, names: readonly string[]): MethodOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
