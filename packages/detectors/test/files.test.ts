import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Fitted } from '../src/contract/method.ts';
import { createEnergy, decodeDetector, fitMahalanobis } from '../src/index.ts';
import { loadDetector, saveDetector } from '../src/node/index.ts';
import { decodeFitted, encodeFitted } from '../src/persistence/fitted-file.ts';
import { findMethod } from '../src/registry.ts';
import { goldenProblem } from './golden-problem.ts';

const bytes = (await fitMahalanobis(goldenProblem.train)).encode();
const text = new TextDecoder('latin1').decode(bytes);
const { fitted } = decodeFitted(bytes, 'detector', findMethod);
const without = (name: string): Fitted => {
  const { [name]: _, ...arrays } = fitted.arrays;
  return { ...fitted, arrays };
};
const changed = (name: string, shape: number[], value = 1): Fitted => {
  const size = shape.reduce((product, side) => product * side, 1);
  return {
    ...fitted,
    arrays: { ...fitted.arrays, [name]: { shape, data: new Float64Array(size).fill(value) } },
  };
};
/** The file with other words of the same length in its header. */
const edited = (from: string, to: string) =>
  Uint8Array.from(text.replace(from, to), character => character.charCodeAt(0));

it('leaves no unfinished file behind and reads what it wrote', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'detectors-'));
  await saveDetector(createEnergy({ temperature: 2 }), join(folder, 'new', 'energy.safetensors'));
  expect(await readdir(join(folder, 'new'))).toEqual(['energy.safetensors']);
  const loaded = await loadDetector(join(folder, 'new', 'energy.safetensors'));
  expect(loaded.describe().parameters).toEqual({ temperature: 2 });
});

it.each([
  ['an empty file', new Uint8Array(0), 'CORRUPT_FILE'],
  ['something else', new TextEncoder().encode('GIF89a and so on, no detector at all'), 'FOREIGN_FILE'],
  ['a torn file', bytes.subarray(0, bytes.length - 8), 'CORRUPT_FILE'],
  ['a file torn in its header', bytes.subarray(0, 40), 'CORRUPT_FILE'],
  ['another safetensors file', edited('ood-detector', 'an-ood-model'), 'FOREIGN_FILE'],
  ['a file of the future', edited('"version":"2"', '"version":"7"'), 'NEWER_VERSION'],
  ['a file of the past', edited('"version":"2"', '"version":"1"'), 'UNSUPPORTED'],
  ['a file whose options were changed', edited('shrinkage', 'shrinkagf'), 'CORRUPT_FILE'],
  ['a method that does not exist', encodeFitted('mahalanovis', fitted), 'UNKNOWN_DETECTOR'],
  ['another method’s file', encodeFitted('knn', fitted), 'CORRUPT_FILE'],
  ['a file without one of its arrays', encodeFitted('mahalanobis', without('whitening')), 'CORRUPT_FILE'],
  ['an array of another shape', encodeFitted('mahalanobis', changed('mean', [4, 4])), 'CORRUPT_FILE'],
  ['an array of NaN', encodeFitted('mahalanobis', changed('means', [5, 16], Number.NaN)), 'CORRUPT_FILE'],
  [
    'an option that breaks its rule',
    encodeFitted('mahalanobis', { ...fitted, options: { shrinkage: 7 } }),
    'CORRUPT_FILE',
  ],
  [
    'a width that is none',
    encodeFitted('mahalanobis', { ...fitted, widths: { features: 0 } }),
    'CORRUPT_FILE',
  ],
] as const)('refuses %s', async (_what, content, code) => {
  const path = join(await mkdtemp(join(tmpdir(), 'detectors-')), 'x.safetensors');
  await writeFile(path, content);
  await expect(loadDetector(path)).rejects.toMatchObject({ code, [Symbol.for('ood.error')]: true });
});

it('names a missing file', async () => {
  await expect(loadDetector('/nowhere/x.safetensors')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  expect(() => decodeDetector(new Uint8Array(3))).toThrow(/3 bytes/);
});
