import type { ImagePreprocessing } from './image-preprocessing.ts';

/**
 * What happens to an input between its file and the model, as plain data that serialises as JSON and has a hash. Descriptions of
 * images have no `kind`; all others name theirs.
 */
export type Preprocessing = ImagePreprocessing;

/** Kinds of input that are prepared. */
export type PreprocessingKind = 'image';

/** The description of each kind. */
export interface Preprocessings {
  readonly image: ImagePreprocessing;
}

/** What a description is for. */
export function kindOf(preprocessing: Preprocessing): PreprocessingKind {
  return 'kind' in preprocessing ? (preprocessing.kind as PreprocessingKind) : 'image';
}
