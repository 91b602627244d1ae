import { decodeSafetensors } from '@ood/core';
import type { Flow, History } from '@ood/flows';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, Found } from '../contract/method.ts';
import type { Stored } from '../contract/sides.ts';
import { type Flows, loadFlows } from './load-flows.ts';

/** Names of the input and the output of stored graphs. */
export const GRAPH = { input: 'features', output: 'result' } as const;

/** What `foundFlow` finds. */
export const storedFlowSides: Stored = {
  numbers: ['steps'],
  arrays: { flow: ['bytes'], scoring: ['bytes'] },
};

export interface FoundFlowOptions extends Environment {
  readonly flow: Flow;
  readonly history: History;
  /** Whether the graph of the latents is stored too, as `latent`. Default false. */
  readonly latent?: boolean;
}

/** A trained flow as what a method's fit finds: the flow, and the graphs that score, which need no TensorFlow.js. */
export async function foundFlow(
  { encodeFlow, scoringModel }: Flows,
  { flow, history, latent = false, runtime }: FoundFlowOptions,
) {
  const graphOf = (of: 'log-density' | 'latent') =>
    scoringModel(flow, { of, ...GRAPH, ...(runtime && { runtime }) });
  const bytes = (data: Uint8Array) => ({ shape: [data.length], data });
  return {
    numbers: { steps: history.steps },
    arrays: {
      flow: bytes(encodeFlow(flow)),
      scoring: bytes(await graphOf('log-density')),
      ...(latent && { latent: bytes(await graphOf('latent')) }),
    },
  } satisfies Found;
}

/**
 * A copy of the flow inside a detector, to trace and sample; `undefined` for a detector without one. It holds memory of its
 * own: close it when done. Needs TensorFlow.js.
 *
 * @throws CoreError `MISSING_PACKAGE` where that is not installed
 */
export async function flowOf(
  detector: Pick<Detector, 'encode'>,
  { runtime, threads }: Environment = {},
): Promise<Flow | undefined> {
  const { arrays } = decodeSafetensors(detector.encode(), 'detector');
  // The density of a fused detector is its first part.
  const parts = arrays.part0 ? decodeSafetensors(arrays.part0.data as Uint8Array, 'detector').arrays : arrays;
  const { flow } = parts as Fitted['arrays'];
  if (flow === undefined) return undefined;
  const { decodeFlow } = await loadFlows('flowOf');
  return decodeFlow(flow.data as Uint8Array, { ...(runtime && { runtime }), ...(threads && { threads }) });
}
