import type { Flow, History } from '@ood/flows';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, Found } from '../contract/method.ts';
import { type Flows, loadFlows } from './load-flows.ts';

/** A trained flow as what a method's fit finds. */
export function foundFlow({ encodeFlow }: Flows, flow: Flow, history: History) {
  const bytes = encodeFlow(flow);
  return {
    numbers: { steps: history.steps },
    arrays: { flow: { shape: [bytes.length], data: bytes } },
  } satisfies Found;
}

/** The flow among the arrays of a fitted method. Close it when done. */
export async function storedFlow(
  { flow }: Fitted['arrays'],
  { runtime, threads }: Environment,
): Promise<Flow> {
  const { decodeFlow } = await loadFlows();
  return decodeFlow(flow.data as Uint8Array, { runtime, threads });
}
