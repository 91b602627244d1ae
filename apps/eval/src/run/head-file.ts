import { decodeSafetensors, encodeSafetensors } from '@ood/core';
import type { Head } from '@ood/features';

/** The weights of a head as a safetensors file. */
export function encodeHead({ weights, bias, featureSize }: Head): Uint8Array {
  return encodeSafetensors({
    ...(featureSize !== undefined && { metadata: { featureSize: String(featureSize) } }),
    arrays: {
      weights: { shape: [weights.rows, weights.cols], data: Float32Array.from(weights.data) },
      bias: { shape: [bias.length], data: Float32Array.from(bias) },
    },
  });
}

/** What `encodeHead` made. */
export function decodeHead(bytes: Uint8Array, where: string): Head {
  const { arrays, metadata } = decodeSafetensors(bytes, where);
  const { weights, bias } = arrays;
  const { featureSize } = metadata;
  const [rows, cols] = weights!.shape as [number, number];
  return {
    weights: { rows, cols, data: weights!.data as Float32Array },
    bias: bias!.data as Float32Array,
    ...(featureSize !== undefined && { featureSize: Number(featureSize) }),
  };
}
