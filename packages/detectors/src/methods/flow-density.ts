import { count, notNegative, positive, whole } from '@ood/core';
import type { Flow, FitOptions as FlowFitOptions, History, Preset } from '@ood/flows';
import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import { threadsOf } from '../contract/environment.ts';
import type { SourceWith } from '../contract/fit-arguments.ts';
import type { Fitted, Method, MethodOptions } from '../contract/method.ts';
import { requireDirections } from '../contract/require-directions.ts';
import type { Head } from '../contract/rows.ts';
import type { Training } from '../contract/training.ts';
import { flowModel, flowScorer } from '../flow/flow-graph.ts';
import { flowSource } from '../flow/flow-source.ts';
import { type Flows, loadFlows } from '../flow/load-flows.ts';
import { foundFlow, storedFlowSides } from '../flow/stored-flow.ts';
import { joinScores } from '../fusion/fused-graph.ts';
import { openProducts } from '../linear-algebra/products.ts';

const PAPER =
  'Cook, Lavoie and Waslander, 2024: Feature density estimation for out-of-distribution detection via normalizing flows';

/** Training of the flow; what is left out comes from its preset. */
export type FlowDensityMethodOptions = {
  readonly seed: number;
  readonly epochs: number | undefined;
  /** In place of epochs. */
  readonly steps: number | undefined;
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
): Method<FlowDensityMethodOptions, 'features'> {
  return {
    name,
    title,
    paper: PAPER,
    needs: ['features'],
    reads: ['features'],
    defaults: {
      seed: 1,
      epochs: undefined,
      steps: undefined,
      batchSize: undefined,
      learningRate: undefined,
      noise: undefined,
    },
    rules: {
      seed: count,
      epochs: whole,
      steps: whole,
      batchSize: whole,
      learningRate: positive,
      noise: notNegative,
    },
    fit: async (training, options, { source, head, runtime, threads, signal, onProgress, products }) => {
      const rows = await flowSource(source, { where: name, head, products, signal });
      await countRows(training);
      requireDirections(name, training.seen().features!);
      const flows = await loadFlows(name);
      const { flow, history } = await flows.fit(preset(flows), rows, {
        ...options,
        runtime,
        threads,
        signal,
        onProgress: onProgress && (({ done, total }) => onProgress({ stage: name, done, total })),
      });
      try {
        return await foundFlow(flows, { flow, history, runtime });
      } finally {
        await flow.close();
      }
    },
    stores: () => storedFlowSides,
    open: ({ arrays }, environment) => flowScorer(arrays, environment),
    toOnnx: async ({ arrays }, names) =>
      joinScores([flowModel(arrays.scoring!, names.features)], names, (f, [logProb]) =>
        f.negate(f.unsqueeze(logProb!, -1)),
      ),
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
  source: SourceWith<'features'>,
  options: FlowDensityOptions = {},
): Promise<FlowDensityDetector> {
  const flows = await loadFlows('fitFlowDensity');
  const { preset = flows.fde(), head, ...training } = options;
  const { runtime, threads, signal } = training;
  const method = METHODS.find(({ name }) => name === `fde-${preset.name}`) ?? fdeFlow;
  const products = openProducts({ runtime, threads });
  try {
    const rows = await flowSource(source, { where: method.name, head, products, signal });
    const { flow, history } = await flows.fit(preset, rows, training);
    const fitted: Fitted<FlowDensityMethodOptions> = {
      options: { ...method.defaults, ...pick(training, Object.keys(method.defaults)) },
      ...(await foundFlow(flows, { flow, history, runtime })),
      widths: { features: flow.model.inputDim },
      threads: threadsOf({ threads }),
    };
    const detector = createDetector(method, fitted, {
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

export async function countRows(training: Training): Promise<void> {
  for await (const _block of training.blocks());
}

function pick(options: object, names: readonly string[]): MethodOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
