import { isOodError } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { DatasetError, fileError } from '../errors.ts';
import { defineDataset } from './dataset.ts';
import { isBytesSample, isPixelsSample, isVectorSample, keyOf } from './sample.ts';
import { collect, isIndexed, samplesOf, streamedSamples } from './samples.ts';

const three = samplesOf([
  { id: 'a', label: 0, vector: Float32Array.of(1) },
  { id: 'b', label: 1, group: 'g', vector: Float32Array.of(2) },
  { id: 'c', vector: Float32Array.of(3) },
]);

describe('samples', () => {
  it('can be iterated again and from two places at once', async () => {
    expect((await collect(three)).map(s => s.id)).toEqual(['a', 'b', 'c']);
    const [first, second] = [three[Symbol.asyncIterator](), three[Symbol.asyncIterator]()];
    await first.next();
    expect([(await first.next()).value.id, (await second.next()).value.id]).toEqual(['b', 'a']);
  });

  it.each([-1, 3, 0.5, Number.NaN])('refuse the index %s', async index => {
    await expect(three.read(index)).rejects.toMatchObject({ code: 'INDEX_OUT_OF_RANGE' });
    expect(() => three.key(index)).toThrow(DatasetError);
  });

  it('tell whether they can be read in any order', () => {
    expect(isIndexed(three)).toBe(true);
    expect(isIndexed(streamedSamples(() => three[Symbol.asyncIterator](), 3))).toBe(false);
  });

  it('have exactly one kind of content', async () => {
    const sample = await three.read(1);
    expect([isBytesSample(sample), isPixelsSample(sample), isVectorSample(sample)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(keyOf(sample)).toEqual({ id: 'b', label: 1, group: 'g' });
    expect(keyOf(await three.read(2))).toEqual({ id: 'c' });
  });
});

describe('a data set', () => {
  const set = defineDataset({ name: 'tiny', license: 'CC0-1.0', splits: { test: () => three } });

  it('opens its splits', async () => {
    expect(set.splits).toEqual(['test']);
    expect((await set.open('test')).length).toBe(3);
  });

  it.each(['train', 'toString', ''])('refuses the split %j by name', async split => {
    await expect(set.open(split)).rejects.toMatchObject({
      code: 'UNKNOWN_SPLIT',
      got: JSON.stringify(split),
    });
  });
});

describe('errors', () => {
  it('say where, what was expected, what came, and what to do', () => {
    const error = fileError('CORRUPT_FILE', {
      file: 'x.npy',
      offset: 10,
      expected: '128 bytes',
      got: '4',
      advice: 'fetch it again',
    });
    expect(error.message).toBe('x.npy at byte 10: expected 128 bytes, got 4; fetch it again');
    expect(error).toMatchObject({
      code: 'CORRUPT_FILE',
      kind: 'input',
      details: { file: 'x.npy', offset: 10 },
    });
    expect(isOodError(error, 'CORRUPT_FILE')).toBe(true);
  });
});
