import { DatasetError } from '../errors.ts';
import type { Pixels } from './sample.ts';

/** @throws DatasetError `WRONG_SHAPE` unless there are width × height × channels bytes, of 1 to 4 channels: less would compute with `undefined`. */
export function requirePixels(where: string, { width, height, channels, data }: Pixels): void {
  const whole = [width, height, channels].every(size => Number.isInteger(size) && size >= 1);
  if (whole && channels <= 4 && data.length === width * height * channels) return;
  throw new DatasetError('WRONG_SHAPE', {
    where,
    expected: 'width × height × channels bytes, 1 to 4 channels',
    got: `${width} × ${height} × ${channels} and ${data.length} bytes`,
    advice: 'check the decoder: rows one after the other, channels interleaved',
  });
}
