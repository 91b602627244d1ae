import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as fontkit from 'fontkit';
import type { Outline } from './types.ts';

const require = createRequire(import.meta.url);

/** A face of a family in one subset: one woff2 file. */
export interface Face {
  readonly family: string;
  readonly style: string;
  /** The outline of a character, or `undefined` if the font lacks it or draws nothing. */
  outline(character: string): Outline | undefined;
}

function packageFolder(id: string): string {
  return dirname(require.resolve(`@fontsource/${id}/package.json`));
}

/** Name, version and licence of a family's npm package. */
export function packageFacts(id: string) {
  const folder = packageFolder(id);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const metadata = JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8'));
  return {
    name: metadata.family as string,
    package: manifest.name as string,
    version: manifest.version as string,
    licence: metadata.license.type as string,
    copyright: (metadata.license.attribution as string).trim(),
  };
}

/** The faces of a family that cover `subset`, ordered by weight, upright before italic. */
export function facesOf(id: string, subset: string): Face[] {
  const folder = join(packageFolder(id), 'files');
  const pattern = new RegExp(`^${id}-${subset}-(\\d+)-(normal|italic)\\.woff2$`);
  return readdirSync(folder)
    .flatMap(file => {
      const match = pattern.exec(file);
      return match ? [{ file, weight: Number(match[1]), posture: match[2]! }] : [];
    })
    .sort((a, b) => a.weight - b.weight || (a.posture < b.posture ? 1 : -1))
    .map(({ file, weight, posture }) => openFace(id, `${weight}-${posture}`, join(folder, file)));
}

function openFace(family: string, style: string, file: string): Face {
  let font: fontkit.Font | undefined;
  const cache = new Map<string, Outline | undefined>();
  return {
    family,
    style,
    outline(character) {
      if (cache.has(character)) return cache.get(character);
      font ??= fontkit.openSync(file) as fontkit.Font;
      const outline = readOutline(font, character);
      cache.set(character, outline);
      return outline;
    },
  };
}

function readOutline(font: fontkit.Font, character: string): Outline | undefined {
  const codePoint = character.codePointAt(0)!;
  if (!font.hasGlyphForCodePoint(codePoint)) return undefined;
  const glyph = font.glyphForCodePoint(codePoint);
  if (glyph.id === 0) return undefined;
  const path = glyph.path.toSVG();
  const { minX, minY, maxX, maxY } = glyph.path.bbox;
  if (path === '' || !(maxX > minX && maxY > minY)) return undefined;
  return { path, box: { minX, minY, maxX, maxY }, yUp: true };
}
