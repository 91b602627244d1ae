import type { Sample, Samples } from '../extraction/sample.ts';
import type { AudioPreprocessing } from '../preprocessing/audio-preprocessing.ts';
import { decodeAudio, probeAudio } from './decode-audio.ts';
import { resampledLength } from './resample.ts';

/** Where windows of a recording begin, in samples: every `hop`, and one that ends with it where these leave a rest. */
export function windowStarts(
  length: number,
  { window, hop }: Pick<AudioPreprocessing, 'window' | 'hop'>,
): number[] {
  if (length <= window) return [0];
  const starts = Array.from({ length: Math.floor((length - window) / hop) + 1 }, (_, i) => i * hop);
  return starts.at(-1)! + window < length ? [...starts, length - window] : starts;
}

/**
 * One sample a window of each recording, as `{ id, bytes, start }`: `start` in seconds, the id that of the recording with `@start`. A
 * recording that does not decode is one sample, to be refused by its id. Labels stay.
 */
export function audioWindows(recordings: Samples, preprocessing: AudioPreprocessing): Samples {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const recording of recordings) yield* windowsOf(recording, preprocessing);
    },
  };
}

async function* windowsOf(recording: Sample, preprocessing: AudioPreprocessing): AsyncGenerator<Sample> {
  const length = await lengthOf(recording, preprocessing.sampleRate);
  if (length === undefined) {
    yield recording;
    return;
  }
  for (const first of windowStarts(length, preprocessing)) {
    const start = first / preprocessing.sampleRate;
    yield { ...recording, id: `${recording.id}@${Number(start.toFixed(6))}`, start } as Sample;
  }
}

/** Samples of a recording at a rate, mostly by its header; undefined for one that does not decode. */
async function lengthOf(sample: Sample, to: number): Promise<number | undefined> {
  try {
    if ('waveform' in sample)
      return resampledLength(sample.waveform.data.length, sample.waveform.sampleRate, to);
    if (!('bytes' in sample)) return undefined;
    const { frames, sampleRate } = probeAudio(sample.bytes);
    return resampledLength(frames ?? (await decodeAudio(sample.bytes)).data.length, sampleRate, to);
  } catch {
    // Extraction says why, by the sample's id.
    return undefined;
  }
}
