import { facesOf } from '../font.ts';
import { characters, scriptFamilies } from '../scripts.ts';
import { splitFamilies } from '../split.ts';
import type { SampleSet } from '../types.ts';
import { characterSamples } from './characters.ts';
import { iconSamples } from './icons.ts';
import { legibleFaces, letterSamples } from './letters.ts';
import { noiseSamples } from './noise.ts';
import { textureSamples } from './textures.ts';

/** Images per OOD set. */
const count = 1000;

/** All sets, in their order: train, validation, test, then OOD from near to far. */
export function allSets(seed: number): SampleSet[] {
  const split = splitFamilies(seed);
  const latin = split.test.flatMap(family => legibleFaces(family));
  const inTestFamilies = (subset: string) => split.test.flatMap(family => facesOf(family, subset));
  const script = (name: keyof typeof scriptFamilies) => ({
    faces: scriptFamilies[name].families.flatMap(family => facesOf(family, scriptFamilies[name].subset)),
    characters: characters[name],
  });
  const inDistribution = (role: 'train' | 'validation' | 'test'): SampleSet => ({
    name: role,
    role,
    description: `letters A–J in the ${role} families`,
    samples: letterSamples(seed, split[role]),
  });
  const glyphs = (
    name: string,
    group: 'near' | 'far',
    description: string,
    sources: Parameters<typeof characterSamples>[0]['sources'],
  ): SampleSet => ({
    name,
    role: 'ood',
    group,
    description,
    samples: characterSamples({ name, seed, count, sources }),
  });
  return [
    inDistribution('train'),
    inDistribution('validation'),
    inDistribution('test'),
    glyphs('upper-case', 'near', 'letters K–Z in the test families', [
      { faces: latin, characters: characters.upperCase },
    ]),
    glyphs('lower-case', 'near', 'letters k, m–z in the test families', [
      { faces: latin, characters: characters.lowerCase },
    ]),
    glyphs('digits', 'near', 'digits in the test families', [
      { faces: latin, characters: characters.digits },
    ]),
    glyphs('greek-cyrillic', 'near', 'Greek and Cyrillic letters unlike A–J in the test families', [
      { faces: inTestFamilies('greek'), characters: characters.greek },
      { faces: inTestFamilies('cyrillic'), characters: characters.cyrillic },
    ]),
    glyphs('kana', 'far', 'hiragana and katakana', [script('kana')]),
    glyphs('hebrew-arabic', 'far', 'Hebrew and isolated Arabic letters', [
      script('hebrew'),
      script('arabic'),
    ]),
    glyphs('brahmic', 'far', 'Devanagari, Bengali, Tamil and Thai letters', [
      script('devanagari'),
      script('bengali'),
      script('tamil'),
      script('thai'),
    ]),
    {
      name: 'icons',
      role: 'ood',
      group: 'far',
      description: 'pictograms',
      samples: iconSamples(seed, count),
    },
    {
      name: 'textures',
      role: 'ood',
      group: 'far',
      description: 'procedural textures',
      samples: textureSamples(seed, count),
    },
    {
      name: 'noise',
      role: 'ood',
      group: 'far',
      description: 'unstructured noise',
      samples: noiseSamples(seed, count),
    },
  ];
}
