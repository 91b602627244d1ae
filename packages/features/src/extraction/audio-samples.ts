import type { TensorInfo } from '@ood/onnx';
import { audioPreparer } from '../audio/prepare-audio.ts';
import { resample } from '../audio/resample.ts';
import type { Waveform } from '../audio/waveform.ts';
import { FeaturesError } from '../errors.ts';
import { type AudioPreprocessing, audioDims } from '../preprocessing/audio-preprocessing.ts';
import { itemDims, mismatch, singleInput } from './model-inputs.ts';
import type { PreparedRow, PrepareOptions, SamplePreparer } from './prepared.ts';
import { createSharedDecoder } from './shared-decoder.ts';

/** @throws FeaturesError MODEL_INPUT_MISMATCH, before anything is decoded, unless the preprocessing can feed the model */
export function checkAudioInputs(inputs: readonly TensorInfo[], preprocessing: AudioPreprocessing): void {
  const info = singleInput(inputs);
  if (info.type !== preprocessing.dtype)
    throw mismatch({
      where: `input '${info.name}'`,
      expected: info.type,
      got: `${preprocessing.dtype} from the preprocessing`,
      advice: `set its dtype to '${info.type}'`,
      details: { input: info, dtype: preprocessing.dtype },
    });
  itemDims(info, audioDims(preprocessing));
}

/** A preparer of WAV and FLAC files and of waveforms. A recording with several windows is decoded once. */
export function audioSamples(
  inputs: readonly TensorInfo[],
  preprocessing: AudioPreprocessing,
  { decoder = createSharedDecoder() }: PrepareOptions,
): SamplePreparer {
  const { name } = singleInput(inputs);
  const { sampleRate } = preprocessing;
  const prepareWindow = audioPreparer(preprocessing);
  return {
    async prepare(sample) {
      if ('bytes' in sample) {
        const recording = await decoder.decodeAudio(sample.bytes, { sampleRate });
        return row(prepareWindow(recording, sample.start));
      }
      if ('waveform' in sample) {
        const { waveform, start } = sample;
        requireWaveform(waveform);
        return row(prepareWindow(resample(waveform, sampleRate), start));
      }
      throw new FeaturesError('SAMPLE_INVALID', {
        where: 'sample',
        expected: 'a recording, as the preprocessing says',
        got: Object.keys(sample)
          .filter(key => key !== 'id' && key !== 'label')
          .join(', '),
        advice: 'give bytes of a WAV or FLAC file, or a waveform',
      });
    },
  };

  function row(prepared: ReturnType<typeof prepareWindow>): PreparedRow {
    return { [name]: prepared as PreparedRow[string] };
  }
}

function requireWaveform({ sampleRate, data }: Waveform): void {
  const isRate = Number.isInteger(sampleRate) && sampleRate >= 1000 && sampleRate <= 384_000;
  const isSound = data instanceof Float32Array && data.length > 0 && data.every(Number.isFinite);
  if (isRate && isSound) return;
  throw new FeaturesError('SAMPLE_INVALID', {
    where: 'waveform',
    expected: '{ sampleRate, data }: 1000 to 384000 Hz, and finite samples',
    got: isRate ? `samples that are none, not finite, or no Float32Array` : `${sampleRate} Hz`,
    advice: 'correct the sample',
  });
}
