import type { Flow } from '@ood/flows';
import { decodeSafetensors } from '@ood/flows/safetensors';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { storedFlow } from './stored-flow.ts';

/**
 * A copy of the flow inside a detector, to trace and sample; `undefined` for a detector without one. It holds memory of its
 * own: close it when done.
 */
export async function flowOf(
  detector: Pick<Detector, 'encode'>,
  environment: Environment = {},
): Promise<Flow | undefined> {
  const { arrays } = decodeSafetensors(detector.encode(), 'detector');
  // The density of a fused detector is its first part.
  const parts = arrays.part0 ? decodeSafetensors(arrays.part0.data as Uint8Array, 'detector').arrays : arrays;
  return parts.flow && storedFlow(parts, environment);
}
