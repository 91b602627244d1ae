import { FeaturesError } from '../errors.ts';
import type { AudioPreprocessing, LogMel } from './audio-preprocessing.ts';
import { parseAudioPreprocessing } from './parse-audio.ts';

export type AudioPresetName =
  | 'waveform'
  | 'wav2vec2'
  | 'whisper'
  | 'whisper-v3'
  | 'ast'
  | 'yamnet'
  | 'vggish';

const waveform: AudioPreprocessing = {
  kind: 'audio',
  version: 1,
  sampleRate: 16_000,
  window: 16_000,
  hop: 8000,
  padding: 'zeros',
  normalize: 'none',
  features: null,
  dtype: 'float32',
};

const whisperMel: LogMel = {
  frame: 400,
  step: 160,
  fftSize: 400,
  taper: 'hann',
  center: true,
  removeMean: false,
  preEmphasis: 0,
  power: 2,
  mels: 80,
  minHz: 0,
  maxHz: 8000,
  scale: 'slaney',
  triangles: 'hz',
  norm: 'slaney',
  floor: 1e-10,
  offset: 0,
  log: 'log10',
  frames: 3000,
  range: 8,
  mean: -4,
  std: 4,
  layout: 'mel-time',
};
const whisper: AudioPreprocessing = { ...waveform, window: 480_000, hop: 480_000, features: whisperMel };

const ast: AudioPreprocessing = {
  ...waveform,
  window: 163_840,
  hop: 163_840,
  padding: 'frames',
  features: {
    ...whisperMel,
    fftSize: 512,
    taper: 'hann-symmetric',
    center: false,
    removeMean: true,
    preEmphasis: 0.97,
    mels: 128,
    minHz: 20,
    scale: 'kaldi',
    triangles: 'mel',
    norm: null,
    floor: 2 ** -23,
    log: 'ln',
    frames: 1024,
    range: null,
    mean: -4.2677393,
    std: 2 * 4.5689974,
    layout: 'time-mel',
  },
};

const yamnetMel: LogMel = {
  ...whisperMel,
  fftSize: 512,
  center: false,
  power: 1,
  mels: 64,
  minHz: 125,
  maxHz: 7500,
  scale: 'kaldi',
  triangles: 'mel',
  norm: null,
  floor: 0,
  offset: 0.001,
  log: 'ln',
  frames: 96,
  range: null,
  mean: 0,
  std: 1,
  layout: 'time-mel',
};
const yamnet: AudioPreprocessing = { ...waveform, window: 15_600, hop: 7680, features: yamnetMel };

const presets: Record<AudioPresetName, AudioPreprocessing> = {
  waveform,
  wav2vec2: { ...waveform, normalize: 'standardize' },
  whisper,
  'whisper-v3': { ...whisper, features: { ...whisperMel, mels: 128 } },
  ast,
  yamnet,
  vggish: { ...yamnet, hop: 15_360, features: { ...yamnetMel, offset: 0.01 } },
};

/** The names of all presets of recordings, as `audioPreset` takes them. */
export const audioPresetNames = Object.keys(presets) as readonly AudioPresetName[];

/**
 * A well-known preprocessing of recordings, all at 16 kHz, with any part replaced.
 *
 * | name | window, hop | the model sees |
 * |---|---|---|
 * | `waveform` | 1 s, 0.5 s | the samples |
 * | `wav2vec2` | 1 s, 0.5 s | the samples, standardized (Baevski et al. 2020) |
 * | `whisper`, `whisper-v3` | 30 s | log-mel `[80 or 128, 3000]`, as `WhisperFeatureExtractor` (Radford et al. 2022) |
 * | `ast` | 10.24 s | log-mel `[1024, 128]`, as `ASTFeatureExtractor` (Gong et al. 2021) |
 * | `yamnet` | 0.975 s, 0.48 s | log-mel `[96, 64]`, before YAMNet's layers (TensorFlow Models, `research/audioset/yamnet/params.py`) |
 * | `vggish` | 0.975 s, 0.96 s | log-mel `[96, 64]` (Hershey et al. 2017; `research/audioset/vggish/vggish_params.py`) |
 *
 * @throws FeaturesError INVALID_OPTION for an unknown name or an invalid replacement
 */
export function audioPreset(
  name: AudioPresetName,
  overrides: Partial<AudioPreprocessing> = {},
): AudioPreprocessing {
  if (!Object.hasOwn(presets, name))
    throw new FeaturesError('INVALID_OPTION', {
      where: 'audioPreset',
      expected: `one of ${audioPresetNames.join(', ')}`,
      got: JSON.stringify(name),
      advice: 'use one of these or give a full preprocessing',
      details: { name, audioPresetNames },
    });
  return parseAudioPreprocessing({ ...presets[name], ...overrides });
}
