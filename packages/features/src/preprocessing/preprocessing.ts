import type { AudioPreprocessing } from './audio-preprocessing.ts';
import type { ImagePreprocessing } from './image-preprocessing.ts';
import type { TextPreprocessing } from './text-preprocessing.ts';

/** The description of each kind. */
export interface Preprocessings {
  readonly image: ImagePreprocessing;
  readonly text: TextPreprocessing;
  readonly audio: AudioPreprocessing;
}

/** Kinds of input that are prepared. */
export type PreprocessingKind = keyof Preprocessings;

/**
 * What happens to an input between its file and the model, as plain data that serialises as JSON and has a hash. Descriptions of
 * images have no `kind`; all others name theirs.
 */
export type Preprocessing = Preprocessings[PreprocessingKind];

/** What a description is for. */
export function kindOf(
  preprocessing: Preprocessing | { readonly kind: PreprocessingKind },
): PreprocessingKind {
  return 'kind' in preprocessing ? preprocessing.kind : 'image';
}
