import { decodeFlow, decodeSafetensors, type Flow } from '@ood/flows';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/method.ts';

/**
 * A copy of the flow inside a detector, to trace and sample; `undefined` for a detector without one. It holds memory of its
 * own: close it when done.
 */
export function flowOf(
  detector: Pick<Detector, 'encode'>,
  { runtime, threads }: Environment = {},
): Flow | undefined {
  const { arrays } = decodeSafetensors(detector.encode(), 'detector');
  // The density of a fused detector is its first part.
  const parts = arrays.part0 ? decodeSafetensors(arrays.part0.data as Uint8Array, 'detector').arrays : arrays;
  const flow = Object.entries(parts).find(([name]) => /(^|\W)flow$/.test(name))?.[1];
  return (
    flow &&
    decodeFlow(flow.data as Uint8Array, {
      ...(runtime && { runtime }),
      ...(threads !== undefined && { threads }),
    })
  );
}
