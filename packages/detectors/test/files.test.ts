import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEnergy, decodeDetector, fitMahalanobis, loadDetector, saveDetector } from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

const bytes = (await fitMahalanobis(goldenProblem.train)).encode();
const text = new TextDecoder('latin1').decode(bytes);
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
  ['a file of the future', edited('"version":"1"', '"version":"7"'), 'NEWER_VERSION'],
  ['a method that does not exist', edited('"mahalanobis"', '"mahalanovis"'), 'UNKNOWN_DETECTOR'],
] as const)('refuses %s', async (_what, content, code) => {
  const path = join(await mkdtemp(join(tmpdir(), 'detectors-')), 'x.safetensors');
  await writeFile(path, content);
  await expect(loadDetector(path)).rejects.toMatchObject({ code, name: 'DetectorsError' });
});

it('names a missing file', async () => {
  await expect(loadDetector('/nowhere/x.safetensors')).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
  expect(() => decodeDetector(new Uint8Array(3))).toThrow(/3 bytes/);
});
