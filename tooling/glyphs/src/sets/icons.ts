import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { randomFor } from '../random.ts';
import { plain, randomPlacement, rasterise } from '../raster.ts';
import type { Outline, Sample } from '../types.ts';
import { looksLikeLetter } from './look-alikes.ts';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('@mdi/svg/package.json'));

/** Brands are trademarks; the other tags hold letters, digits and lines of text. */
const excludedTags = [
  'Brand / Logo',
  'Social Media',
  'Alpha / Numeric',
  'Text / Content / Format',
  'Currency',
  'Math',
  'Developer / Languages',
];
const excludedNames =
  /\d|alpha|letter|numeric|roman|format|language|text|translate|keyboard|abc|(^|-)([a-z]{1,2}|gif|gps|abs|atm|vhs|dvd|rss|api|sim|svg|iso|usb|esp|vpn|tor|word|excel|powerpoint|onenote|network|signal|radio|dolby|quality)(-|$)/;
const viewBox = { minX: 1, minY: 1, maxX: 23, maxY: 23 };

export function iconFacts() {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    name: 'Material Design Icons',
    package: name as string,
    version: version as string,
    licence: 'Apache-2.0',
    copyright: 'Pictogrammers (https://pictogrammers.com) and contributors; includes icons by Google',
  };
}

/** `count` different icons of the Material Design Icons, no brands and no letters. */
export function iconSamples(seed: number, count: number): Sample[] {
  const icons: { name: string; tags: string[]; deprecated: boolean }[] = JSON.parse(
    readFileSync(join(folder, 'meta.json'), 'utf8'),
  );
  const names = icons
    .filter(icon => !icon.deprecated && !excludedNames.test(icon.name))
    .filter(icon => icon.tags.length > 0 && !icon.tags.some(tag => excludedTags.includes(tag)))
    .map(icon => icon.name)
    .sort();
  return randomFor(seed, 'icons')
    .shuffle(names)
    .map(symbol => ({ symbol, outline: iconOutline(symbol) }))
    .filter(({ outline }) => !looksLikeLetter(rasterise(outline, plain)))
    .slice(0, count)
    .map(({ symbol, outline }) => {
      const pixels = rasterise(outline, randomPlacement(randomFor(seed, 'icons', symbol)));
      return { pixels, family: '@mdi/svg', style: '-', symbol, variant: 0 };
    });
}

function iconOutline(name: string): Outline {
  const svg = readFileSync(join(folder, 'svg', `${name}.svg`), 'utf8');
  const path = [...svg.matchAll(/ d="([^"]+)"/g)].map(match => match[1]).join(' ');
  return { path, box: viewBox, yUp: false };
}
