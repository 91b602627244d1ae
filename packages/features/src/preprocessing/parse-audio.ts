import type { AudioPreprocessing, LogMel } from './audio-preprocessing.ts';
import { checkKeys, deepFreeze, type KeyRules } from './check-keys.ts';

/** Samples of a window, at most: about three minutes at 96 kHz. */
const LONGEST_WINDOW = 2 ** 24;
const RATES = [1000, 384_000] as const;

const rules: KeyRules<AudioPreprocessing> = {
  kind: ["'audio'", value => value === 'audio'],
  version: ['1', value => value === 1],
  sampleRate: [`a whole number of Hz from ${RATES[0]} to ${RATES[1]}`, value => isWhole(value, ...RATES)],
  window: [
    `a whole number of samples from 1 to ${LONGEST_WINDOW}`,
    value => isWhole(value, 1, LONGEST_WINDOW),
  ],
  hop: [`a whole number of samples from 1 to ${LONGEST_WINDOW}`, value => isWhole(value, 1, LONGEST_WINDOW)],
  padding: [
    "'zeros', 'repeat', 'refuse', or 'frames' of a spectrogram",
    (value, all) =>
      ['zeros', 'repeat', 'refuse'].includes(value) || (value === 'frames' && all.features !== null),
  ],
  normalize: ["'none' or 'standardize'", value => ['none', 'standardize'].includes(value)],
  features: ['null for the waveform, or a log-mel spectrogram', value => value === null || isObject(value)],
  dtype: ["'float32' or 'float16'", value => ['float32', 'float16'].includes(value)],
};

const finite = (value: unknown) => Number.isFinite(value);
const notNegative = (value: number) => Number.isFinite(value) && value >= 0;

const logMelRules = (all: AudioPreprocessing): KeyRules<LogMel> => ({
  frame: [
    'a whole number of samples, at most those of the window',
    value => isWhole(value, 2, Math.min(all.window, 2 ** 16)),
  ],
  step: ['a whole number of samples', value => isWhole(value, 1, 2 ** 16)],
  fftSize: [
    'a whole even number from frame to 65536',
    (value, own) => isWhole(value, own.frame, 2 ** 16) && value % 2 === 0,
  ],
  taper: [
    "'hann', 'hann-symmetric' or 'povey'",
    value => ['hann', 'hann-symmetric', 'povey'].includes(value),
  ],
  center: ['true or false', value => typeof value === 'boolean'],
  removeMean: ['true or false', value => typeof value === 'boolean'],
  preEmphasis: ['a number from 0 to below 1', value => notNegative(value) && value < 1],
  power: ['1 or 2', value => value === 1 || value === 2],
  mels: ['a whole number from 1 to 1024', value => isWhole(value, 1, 1024)],
  minHz: ['a number of Hz from 0', notNegative],
  maxHz: [
    'a number of Hz above minHz, at most half the sample rate',
    (value, own) => finite(value) && value > own.minHz && value <= all.sampleRate / 2,
  ],
  scale: ["'htk', 'kaldi' or 'slaney'", value => ['htk', 'kaldi', 'slaney'].includes(value)],
  triangles: ["'hz' or 'mel'", value => ['hz', 'mel'].includes(value)],
  norm: [
    "'slaney' (of triangles over Hz) or null",
    (value, own) => value === null || (value === 'slaney' && own.triangles === 'hz'),
  ],
  floor: ['a number of 0 or more', notNegative],
  offset: [
    'a number of 0 or more, above 0 where floor is 0: silence has a logarithm then',
    (value, own) => notNegative(value) && (value > 0 || own.floor > 0),
  ],
  log: ["'ln' or 'log10'", value => ['ln', 'log10'].includes(value)],
  frames: ['null or a whole number up to 2²⁰', value => value === null || isWhole(value, 1, 2 ** 20)],
  range: ['null or a number of 0 or more', value => value === null || notNegative(value)],
  mean: ['a finite number', finite],
  std: ['a positive number', value => finite(value) && value > 0],
  layout: ["'time-mel' or 'mel-time'", value => ['time-mel', 'mel-time'].includes(value)],
});

/** The preprocessing of recordings that an object describes, checked and frozen. @throws as `parsePreprocessing` */
export function parseAudioPreprocessing(object: Readonly<Record<string, unknown>>): AudioPreprocessing {
  const candidate = checkKeys(object, rules);
  const features =
    candidate.features &&
    checkKeys(candidate.features as unknown as Record<string, unknown>, logMelRules(candidate));
  return deepFreeze({ ...candidate, features: features && { ...features } });
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
