import { createHash } from 'node:crypto';
import { isBytesSample, isPixelsSample, type Sample } from '../contract/sample.ts';

/**
 * SHA-256 of what a sample holds (file bytes; size and pixels; numbers; the box that is meant of it), in hex; id and label play no
 * part.
 */
export function contentHash(sample: Sample): string {
  const whole = wholeHash(sample);
  if (!('box' in sample) || sample.box === undefined) return whole;
  const { x1, y1, x2, y2 } = sample.box;
  return createHash('sha256').update(`box ${x1} ${y1} ${x2} ${y2} ${whole}`).digest('hex');
}

function wholeHash(sample: Sample): string {
  const hash = createHash('sha256');
  if (isBytesSample(sample)) return hash.update('bytes').update(sample.bytes).digest('hex');
  if (isPixelsSample(sample)) {
    const { width, height, channels, data } = sample.pixels;
    return hash.update(`pixels ${width} ${height} ${channels}`).update(data).digest('hex');
  }
  const { buffer, byteOffset, byteLength } = sample.vector;
  return hash
    .update('vector')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}
