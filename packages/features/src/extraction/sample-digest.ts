import { createHash } from 'node:crypto';
import { isTensor } from './prepared-tensor.ts';
import type { Sample } from './sample.ts';

/** SHA-256 (hex) of what a sample holds; of nothing for one that is none. */
export function sampleDigest(sample: Sample): string {
  const hash = createHash('sha256');
  if ('bytes' in sample && sample.bytes instanceof Uint8Array) hash.update('bytes').update(sample.bytes);
  else if ('pixels' in sample && sample.pixels?.data instanceof Uint8Array) {
    const { width, height, channels, data } = sample.pixels;
    hash.update(`pixels ${width} ${height} ${channels} `).update(data);
  } else if ('vector' in sample && sample.vector instanceof Float32Array)
    hash.update('vector').update(bytesOf(sample.vector));
  else if ('text' in sample) hash.update(`text ${JSON.stringify([sample.text, sample.pair ?? null])}`);
  else if ('tensors' in sample && typeof sample.tensors === 'object' && sample.tensors !== null)
    for (const name of Object.keys(sample.tensors).sort()) {
      const tensor = sample.tensors[name];
      if (!isTensor(tensor)) continue;
      hash.update(`tensor ${JSON.stringify([name, tensor.type, tensor.dims])} `).update(bytesOf(tensor.data));
    }
  return hash.digest('hex');
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);
