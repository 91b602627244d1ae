import { type Face, facesOf } from '../font.ts';
import { similarity } from '../similarity.ts';
import { referenceLetters } from './letters.ts';

/** Correlation from which a shape is taken for a letter. */
const lookAlike = 0.88;

const commonReferences = ['roboto', 'noto-serif', 'roboto-slab'].flatMap(family =>
  facesOf(family, 'latin')
    .filter(face => ['400-normal', '700-normal'].includes(face.style))
    .flatMap(face => referenceLetters(face) ?? []),
);

const ownReferences = new Map<string, readonly Uint8Array[]>();

function lettersOf(face: Face): readonly Uint8Array[] {
  const key = `${face.family}/${face.style}`;
  const known = ownReferences.get(key);
  if (known) return known;
  const latin = facesOf(face.family, 'latin').find(other => other.style === face.style);
  const letters = (latin && referenceLetters(latin)) ?? [];
  ownReferences.set(key, letters);
  return letters;
}

/** Whether a plainly placed image looks like one of A–J in its own face, or in a common sans, serif or slab. */
export function looksLikeLetter(image: Uint8Array, face?: Face): boolean {
  const references = face ? [...lettersOf(face), ...commonReferences] : commonReferences;
  return references.some(letter => similarity(image, letter) > lookAlike);
}
