import type { Fitted } from '../contract/method.ts';
import { encodeSafetensors } from './safetensors.ts';

/** Says what a file is. */
export const FORMAT = 'ood-detector';
/** Version of the files written here; readers refuse later ones. */
export const VERSION = 1;

/** The bytes of a fitted method: its arrays as safetensors, everything else as JSON in the metadata. */
export function encodeFitted(name: string, { arrays, ...rest }: Fitted): Uint8Array {
  return encodeSafetensors({
    metadata: { format: FORMAT, version: String(VERSION), name, fitted: JSON.stringify(rest) },
    arrays,
  });
}
