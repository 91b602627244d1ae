import type { Face } from '../font.ts';
import { randomFor } from '../random.ts';
import { plain, randomPlacement, rasterise } from '../raster.ts';
import type { Sample } from '../types.ts';
import { looksLikeLetter } from './look-alikes.ts';

export interface CharacterSetOptions {
  readonly name: string;
  readonly seed: number;
  readonly count: number;
  /** Faces and the characters to draw in each. */
  readonly sources: readonly { readonly faces: readonly Face[]; readonly characters: readonly string[] }[];
}

function byFamily(faces: readonly Face[]): Face[][] {
  return [...new Set(faces.map(face => face.family))].map(family =>
    faces.filter(face => face.family === family),
  );
}

/**
 * `count` images of `sources`' characters, each source contributing the same share and each of its
 * (family, character) pairs about as often; what looks like one of A–J is left out.
 */
export function characterSamples({ name, seed, count, sources }: CharacterSetOptions): Sample[] {
  return sources.flatMap(({ faces, characters }, s) => {
    const share = Math.floor((count * (s + 1)) / sources.length) - Math.floor((count * s) / sources.length);
    const random = randomFor(seed, name, s);
    const pairs = random.shuffle(
      byFamily(faces).flatMap(own => characters.map(symbol => ({ symbol, faces: random.shuffle(own) }))),
    );
    const samples: Sample[] = [];
    for (let round = 0; samples.length < share; round++) {
      const before = samples.length;
      for (const pair of pairs) {
        if (samples.length === share) break;
        const face = pair.faces[round % pair.faces.length]!;
        const outline = face.outline(pair.symbol);
        if (!outline) continue;
        if (looksLikeLetter(rasterise(outline, plain), face)) continue;
        const variant = Math.floor(round / pair.faces.length);
        const placement = randomPlacement(
          randomFor(seed, name, face.family, face.style, pair.symbol, variant),
        );
        const pixels = rasterise(outline, placement);
        samples.push({ pixels, family: face.family, style: face.style, symbol: pair.symbol, variant });
      }
      if (samples.length === before && round > 20)
        throw new Error(`${name}: no character of source ${s} is drawable`);
    }
    return samples;
  });
}
