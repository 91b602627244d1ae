import { FeaturesError, type FeaturesErrorCode } from '../errors.ts';

/** A recording of one channel: pressure over time, full scale −1 to 1. */
export interface Waveform {
  /** Samples per second. */
  readonly sampleRate: number;
  readonly data: Float32Array;
}

/** What the header of a recording says. */
export interface AudioHeader {
  readonly format: 'wav' | 'flac';
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples of each channel; absent where only decoding tells. */
  readonly frames?: number;
}

/** The refusal of a recording. */
export function audioError(
  code: FeaturesErrorCode,
  expected: string,
  got: string,
  advice?: string,
): FeaturesError {
  return new FeaturesError(code, {
    where: 'decodeAudio',
    expected,
    got,
    advice: advice ?? 'replace or remove the file',
  });
}
