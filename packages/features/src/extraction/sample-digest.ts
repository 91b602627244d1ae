import { createHash } from 'node:crypto';
import { isTensor } from './prepared-tensor.ts';
import { isPart, type Sample } from './sample.ts';

/** SHA-256 (hex) of what a sample holds. */
export interface SampleDigest {
  /** Of the sample, with its box or the start of its window. */
  readonly content: string;
  /** Of the image of a box, of the recording of a window; of any other sample the same as `content`. */
  readonly whole: string;
}

/**
 * A function that digests samples; of nothing where one is none. It remembers the last file, so that one with many boxes or
 * windows is read once: bytes must not change while their samples are used.
 */
export function sampleDigester(): (sample: Sample) => SampleDigest {
  let last: { readonly bytes: Uint8Array; readonly whole: string } | undefined;
  return sample => {
    if (!isPart(sample) || !('bytes' in sample)) {
      const whole = digestOf(sample);
      return { content: isPart(sample) ? ofPart(whole, sample) : whole, whole };
    }
    if (last?.bytes !== sample.bytes) last = { bytes: sample.bytes, whole: digestOf(sample) };
    return { content: ofPart(last.whole, sample), whole: last.whole };
  };
}

function ofPart(whole: string, sample: Sample): string {
  const { box, start } = sample as { readonly box?: unknown; readonly start?: unknown };
  const { x1, y1, x2, y2 } = Object(box) as Record<string, unknown>;
  const part = box === undefined ? `start ${start}` : `box ${[x1, y1, x2, y2].map(String).join(' ')}`;
  return createHash('sha256').update(`${part} ${whole}`).digest('hex');
}

function digestOf(sample: Sample): string {
  const hash = createHash('sha256');
  if ('bytes' in sample && sample.bytes instanceof Uint8Array) hash.update('bytes').update(sample.bytes);
  else if ('pixels' in sample && sample.pixels?.data instanceof Uint8Array) {
    const { width, height, channels, data } = sample.pixels;
    hash.update(`pixels ${width} ${height} ${channels} `).update(data);
  } else if ('waveform' in sample && sample.waveform?.data instanceof Float32Array)
    hash.update(`waveform ${sample.waveform.sampleRate} `).update(bytesOf(sample.waveform.data));
  else if ('vector' in sample && sample.vector instanceof Float32Array)
    hash.update('vector').update(bytesOf(sample.vector));
  else if ('text' in sample) hash.update(`text ${JSON.stringify([sample.text, sample.pair ?? null])}`);
  else if ('unreadable' in sample) hash.update(`unreadable ${sample.unreadable}`);
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
