import { facesOf } from './font.ts';
import { side } from './raster.ts';
import { referenceLetters } from './sets/letters.ts';
import { similarity } from './similarity.ts';

/**
 * How unlike the others a family draws A–J: one minus the mean correlation of its letters with the letters'
 * mean images over all families. Families without a legible face have no value.
 */
export function unusualness(families: readonly string[]): Map<string, number> {
  const letters = new Map<string, Uint8Array[]>();
  for (const family of families) {
    const images = typicalLetters(family);
    if (images) letters.set(family, images);
  }
  const means = [...letters.values()][0]!.map((_, letter) =>
    mean([...letters.values()].map(own => own[letter]!)),
  );
  return new Map(
    [...letters].map(([family, own]) => {
      const correlations = own.map((image, letter) => similarity(image, means[letter]!));
      return [family, 1 - correlations.reduce((a, b) => a + b) / correlations.length];
    }),
  );
}

/** A–J in the regular face, or else in the first legible one. */
function typicalLetters(family: string): Uint8Array[] | undefined {
  const faces = facesOf(family, 'latin');
  const regularFirst = [...faces].sort(
    (a, b) => Number(b.style === '400-normal') - Number(a.style === '400-normal'),
  );
  for (const face of regularFirst) {
    const letters = referenceLetters(face);
    if (letters) return letters;
  }
  return undefined;
}

function mean(images: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_, p) => {
    return Math.round(images.reduce((sum, image) => sum + image[p]!, 0) / images.length);
  });
}
