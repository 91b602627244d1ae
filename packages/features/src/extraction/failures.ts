import { isOodError } from '@ood/core';
import { FeaturesError, type FeaturesErrorCode } from '../errors.ts';
import type { Failure } from './sample.ts';

/** Errors that are a sample's own fault: the others end the extraction whatever the options say. */
const sampleCodes: readonly FeaturesErrorCode[] = [
  'AUDIO_CORRUPT',
  'AUDIO_EMPTY',
  'AUDIO_TOO_LARGE',
  'AUDIO_UNSUPPORTED',
  'BOX_INVALID',
  'BOX_OUTSIDE',
  'IMAGE_ANIMATED',
  'IMAGE_CORRUPT',
  'IMAGE_EMPTY',
  'IMAGE_TOO_LARGE',
  'IMAGE_UNSUPPORTED',
  'MODEL_INPUT_MISMATCH',
  'NON_FINITE',
  'SAMPLE_INVALID',
];

/** The failure that `error` means for a sample. @throws the error, with the sample's name, if it must not be skipped */
export function asFailure(
  sample: { readonly index: number; readonly id: string },
  error: unknown,
  onBadSample: 'skip' | 'fail',
): Failure {
  if (!isOodError(error, ...sampleCodes)) throw error;
  if (onBadSample === 'fail')
    throw new FeaturesError(error.code as FeaturesErrorCode, {
      where: `sample '${sample.id}' (position ${sample.index}): ${error.where}`,
      expected: error.expected,
      got: error.got,
      advice: error.advice,
      details: { ...error.details, id: sample.id, index: sample.index },
      cause: error,
    });
  return { index: sample.index, id: sample.id, code: error.code, reason: error.message };
}
