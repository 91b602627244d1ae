import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoreError } from '@ood/core';
import { expect, it } from 'vitest';
import { inFlags, translated } from './in-flags.ts';

const packages = fileURLToPath(new URL('../../../packages', import.meta.url));

it('says what libraries advise in the words of the command line', () => {
  const parts = {
    where: 'net.onnx',
    expected: 'a size',
    got: 'none',
    advice: 'give one that the model accepts, e.g. freeDimensions: { "height": 128 }',
  };
  expect(inFlags(new CoreError('INVALID_OPTION', parts))).toBe(
    'net.onnx: expected a size, got none; give one that the model accepts, e.g. --dim height=128',
  );
  const { advice: _, ...without } = parts;
  expect(inFlags(new CoreError('INVALID_OPTION', without))).toBe('net.onnx: expected a size, got none');
});

it.each([
  ["name the tensor that holds the features as layer, with head: 'none', or raise the tolerance"],
  ["pass head: 'none' for an embedding, head: 'require' for logits"],
  ['if free dimensions must have other sizes, give them as freeDimensions'],
  ['give one: freeDimensions: { "image:1": 224 }, or ood convert --dim image:1=224'],
  ['the graph may loop for ever; raise the deadline where it is only slow'],
  ['correct the name; a method of your own is handed to decodeDetector as option `methods`'],
  ['correct the option k'],
  ['say which they are, e.g. columns: { features: "emb" }'],
  ['use a method that does not normalize: mahalanobis'],
  ['take fewer principalDimensions, or pass more rows that differ'],
  ["extract to another path, or pass ifExists: 'overwrite'"],
])('names no option of a library: %s', advice => {
  expect(translated(advice)).not.toBe(advice);
  expect(translated(advice)).not.toMatch(
    /head: '|freeDimensions|decodeDetector|option k\b|principalDimensions|ifExists|columns:|use a method|as layer\b|the tolerance/,
  );
});

it('knows texts that are there: none of the table is about what no library says any more', async () => {
  const sources = await texts(packages);
  const table = await readFile(fileURLToPath(new URL('./in-flags.ts', import.meta.url)), 'utf8');
  const options = ['freeDimensions', 'ifExists', 'bankShare', 'referenceShare', 'maxMemory', 'maxPixels'];
  for (const option of [...options, 'maxFileBytes', 'maxExternalBytes', 'principalDimensions', 'deadline']) {
    expect(table).toContain(option);
    const quoted = new RegExp(`['"\`][^'"\`\\n]* [(]?${option}|'[^'\\n]*\\(${option}|'set ${option}`);
    expect([option, quoted.test(sources)]).toEqual([option, true]);
  }
});

async function texts(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter(
    name =>
      /[/\\]src[/\\].*\.ts$/.test(name) && !name.includes('node_modules') && !name.includes('generated'),
  );
  return (await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')))).join('\n');
}
