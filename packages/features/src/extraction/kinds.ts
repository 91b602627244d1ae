import type { TensorInfo } from '@ood/onnx';
import {
  kindOf,
  type Preprocessing,
  type PreprocessingKind,
  type Preprocessings,
} from '../preprocessing/preprocessing.ts';
import { audioSamples, checkAudioInputs } from './audio-samples.ts';
import { checkImageInputs, imageSamples } from './image-samples.ts';
import type { PrepareOptions, SamplePreparer } from './prepared.ts';
import { checkTextInputs, textSamples } from './text-samples.ts';

/** What a kind of preprocessing does for extraction. */
export interface SampleKind<P extends Preprocessing> {
  /** Checks, before any sample is read, that it can feed the model. @throws FeaturesError MODEL_INPUT_MISMATCH */
  check(inputs: readonly TensorInfo[], preprocessing: P): void;
  prepare(
    inputs: readonly TensorInfo[],
    preprocessing: P,
    options: PrepareOptions,
  ): SamplePreparer | Promise<SamplePreparer>;
}

const kinds: { readonly [K in PreprocessingKind]: SampleKind<Preprocessings[K]> } = {
  image: { check: checkImageInputs, prepare: imageSamples },
  text: { check: checkTextInputs, prepare: textSamples },
  audio: { check: checkAudioInputs, prepare: audioSamples },
};

/** What the kind of this preprocessing does for extraction. */
export function sampleKind(preprocessing: Preprocessing): SampleKind<Preprocessing> {
  return kinds[kindOf(preprocessing)] as SampleKind<Preprocessing>;
}
