import { type Face, facesOf } from '../font.ts';
import { randomFor } from '../random.ts';
import { plain, randomPlacement, rasterise } from '../raster.ts';
import { similarity } from '../similarity.ts';
import type { Sample } from '../types.ts';

export const classes = [...'ABCDEFGHIJ'];

/** Above this correlation two letters of one face are taken for the same shape. */
const sameShape = 0.96;

/** The plain images of A–J in a face; `undefined` if one is missing or two look the same. */
export function referenceLetters(face: Face): Uint8Array[] | undefined {
  const images: Uint8Array[] = [];
  for (const letter of classes) {
    const outline = face.outline(letter);
    if (!outline) return undefined;
    const image = rasterise(outline, plain);
    if (images.some(other => similarity(image, other) > sameShape)) return undefined;
    images.push(image);
  }
  return images;
}

/** Faces of a family whose A–J are all there and all distinct. */
export function legibleFaces(family: string): Face[] {
  return facesOf(family, 'latin').filter(face => referenceLetters(face));
}

/** A–J in the faces of `families`: 3 images per letter and family, one more per face, at most 10. */
export function letterSamples(seed: number, families: readonly string[]): Sample[] {
  return families.flatMap(family => {
    const faces = legibleFaces(family);
    const count = faces.length === 0 ? 0 : Math.min(10, 3 + faces.length);
    return classes.flatMap(symbol => {
      const random = randomFor(seed, 'letters', family, symbol);
      const order = random.shuffle(faces);
      return Array.from({ length: count }, (_, i) => {
        const face = order[i % order.length]!;
        const pixels = rasterise(face.outline(symbol)!, randomPlacement(random));
        return { pixels, family, style: face.style, symbol, variant: Math.floor(i / order.length) };
      });
    });
  });
}
