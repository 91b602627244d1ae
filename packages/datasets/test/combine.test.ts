import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  collect,
  concat,
  countClasses,
  exceptClasses,
  filter,
  filterKeys,
  isIndexed,
  labelsNamed,
  map,
  mapKeys,
  onlyClasses,
  perClass,
  type Samples,
  samplesOf,
  sharedGroups,
  shuffle,
  splitByHash,
  splitExactly,
  streamedSamples,
  subset,
  take,
  toMatrix,
  type VectorSample,
} from '../src/index.ts';

const make = (n: number, prefix = 's') =>
  samplesOf<VectorSample>(
    Array.from({ length: n }, (_, i) => ({
      id: `${prefix}${i}`,
      ...(i % 5 === 4 ? {} : { label: i % 5 }),
      group: `g${i % 7}`,
      vector: Float32Array.of(i),
    })),
  );
const stream = <S extends VectorSample>(samples: Samples<S>, length?: number) =>
  streamedSamples(() => samples[Symbol.asyncIterator](), length);
const ids = async (samples: Samples<VectorSample>) => (await collect(samples)).map(sample => sample.id);
const double = (samples: Samples<VectorSample>) =>
  map(samples, ({ vector }) => ({ vector: vector.map(x => 2 * x) })) as Samples<VectorSample>;

/** Every combinator as it applies to indexed samples and to streams alike. */
const combinators: readonly [string, (samples: Samples<VectorSample>) => Samples<VectorSample>][] = [
  ['take(3)', s => take(s, 3)],
  ['take(0)', s => take(s, 0)],
  ['take(1000)', s => take(s, 1000)],
  ['filterKeys', s => filterKeys(s, key => Number(key.id.slice(1)) % 3 === 1)],
  ['map', double],
  ['mapKeys', s => mapKeys(s, key => ({ id: `x/${key.id}`, label: 1 }))],
  ['onlyClasses', s => onlyClasses(s, [1, 3])],
  ['exceptClasses', s => exceptClasses(s, [1, 3])],
  ['perClass(2)', s => perClass(s, 2)],
  [
    'concat',
    s =>
      concat(
        s,
        mapKeys(s, key => ({ ...key, id: `again/${key.id}` })),
      ),
  ],
  ['splitByHash', s => splitByHash(s, { parts: { a: 0.5, b: 0.5 }, seed: 3 }).a],
];

describe.each(combinators)('%s', (_, combine) => {
  it('gives the same samples of a stream as of indexed samples', async () => {
    const source = make(23);
    expect(await collect(combine(stream(source)))).toEqual(await collect(combine(source)));
  });

  it('keeps indexed samples indexed: keys, reads, length and iteration agree', async () => {
    const samples = combine(make(23));
    if (!isIndexed(samples)) throw new Error('not indexed');
    const all = await collect(samples);
    expect(samples.length).toBe(all.length);
    for (const [index, sample] of all.entries()) {
      expect(await samples.read(index)).toEqual(sample);
      expect({ ...samples.key(index), vector: sample.vector }).toEqual(sample);
    }
  });

  it('tells a true length of a stream or none', async () => {
    const samples = combine(stream(make(23), 23));
    if (samples.length !== undefined) expect(samples.length).toBe((await collect(samples)).length);
  });
});

describe('combinators', () => {
  it('do what their names say', async () => {
    const source = make(10);
    expect(await ids(subset(source, [4, 0, 4]))).toEqual(['s4', 's0', 's4']);
    expect(await ids(filter(source, async sample => sample.vector[0]! > 7))).toEqual(['s8', 's9']);
    expect(await ids(onlyClasses(source, [3]))).toEqual(['s3', 's8']);
    expect(await ids(exceptClasses(source, [0, 1, 2, 3]))).toEqual(['s4', 's9']);
    expect(await ids(perClass(source, 1))).toEqual(['s0', 's1', 's2', 's3']);
    expect(countClasses(source)).toEqual(new Map([0, 1, 2, 3, undefined].map(label => [label, 2])));
    expect(labelsNamed(['a', 'b'], ['b'])).toEqual([1]);
    expect([...(await toMatrix(take(source, 5))).labels]).toEqual([0, 1, 2, 3, -1]);
  });

  it('concat finds its way past empty parts', async () => {
    const samples = concat(make(0), make(2, 'a'), make(0), make(1, 'b'), make(0));
    expect([samples.length, samples.key(2).id, (await samples.read(1)).id]).toEqual([3, 'b0', 'a1']);
    expect(await ids(samples)).toEqual(['a0', 'a1', 'b0']);
  });

  it('perClass chooses by seed, and otherwise the first', async () => {
    const source = make(200);
    const chosen = await ids(perClass(source, 3, { seed: 1 }));
    expect(chosen).toHaveLength(12);
    expect(await ids(perClass(source, 3, { seed: 1 }))).toEqual(chosen);
    expect(await ids(perClass(source, 3, { seed: 2 }))).not.toEqual(chosen);
  });

  it('read no more of a stream than they need', async () => {
    let read = 0;
    let released = false;
    const source = streamedSamples<VectorSample>(async function* () {
      try {
        for (;;) yield { id: `${read++}`, label: 0, vector: new Float32Array(1) };
      } finally {
        released = true;
      }
    });
    expect(
      await ids(
        take(
          map(source, ({ vector }) => ({ vector })),
          2,
        ),
      ),
    ).toEqual(['0', '1']);
    expect([read, released]).toEqual([2, true]);
  });

  it.each([
    ['take(-1)', () => take(make(3), -1), 'INVALID_OPTION'],
    ['take(1.5)', () => take(make(3), 1.5), 'INVALID_OPTION'],
    ['perClass(NaN)', () => perClass(make(3), Number.NaN), 'INVALID_OPTION'],
    ['subset beyond the end', () => subset(make(3), [3]), 'INDEX_OUT_OF_RANGE'],
    [
      'shares that sum to 0.9',
      () => splitByHash(make(3), { parts: { a: 0.4, b: 0.5 }, seed: 1 }),
      'INVALID_OPTION',
    ],
    ['a share of 0', () => splitExactly(make(3), { parts: { a: 1, b: 0 }, seed: 1 }), 'INVALID_OPTION'],
    ['an unknown class name', () => labelsNamed(['a'], ['z']), 'UNKNOWN_CLASS'],
  ])('refuse %s', (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });

  it('refuse vectors of different length in a matrix', async () => {
    const ragged = samplesOf([
      { id: 'a', vector: new Float32Array(2) },
      { id: 'b', vector: new Float32Array(3) },
    ]);
    await expect(toMatrix(ragged)).rejects.toMatchObject({ code: 'WRONG_SHAPE', where: 'sample b' });
  });
});

describe('shuffle', () => {
  it('is a permutation that depends on the seed alone', async () => {
    const source = make(500);
    for (const samples of [source, stream(source)]) {
      const first = await ids(shuffle(samples, { seed: 1, buffer: 64 }));
      expect([...first].sort()).toEqual((await ids(source)).sort());
      expect(await ids(shuffle(samples, { seed: 1, buffer: 64 }))).toEqual(first);
      expect(await ids(shuffle(samples, { seed: 2, buffer: 64 }))).not.toEqual(first);
      expect(first).not.toEqual(await ids(source));
    }
  });

  it('is uniform: each of the 24 orders of four samples comes equally often', async () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 2400; seed++) {
      const order = (await ids(shuffle(make(4), { seed }))).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chi2 = [...counts.values()].reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
    // 99.9 % quantile of chi-squared with 23 degrees of freedom.
    expect(chi2).toBeLessThan(49.73);
  });

  it('of a stream moves no sample forward by more than its buffer', async () => {
    const order = await ids(shuffle(stream(make(400)), { seed: 5, buffer: 32 }));
    for (const [at, id] of order.entries()) expect(Number(id.slice(1)) - at).toBeLessThanOrEqual(32);
  });
});

describe('splits', () => {
  const parts = { train: 0.6, calibrate: 0.1, test: 0.3 };

  it('put every sample into exactly one part, and no group into two', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), fc.integer(), (groups, seed) => {
        const samples = samplesOf(
          groups.map((g, i) => ({ id: `${i}`, group: `${g}`, vector: new Float32Array(1) })),
        );
        for (const split of [splitByHash, splitExactly]) {
          const { train, calibrate, test } = split(samples, { parts, seed });
          expect(train.length + calibrate.length + test.length).toBe(samples.length);
          expect([
            sharedGroups(train, test),
            sharedGroups(train, calibrate),
            sharedGroups(calibrate, test),
          ]).toEqual([[], [], []]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stay the same under reordering; by hash also when samples are added or taken away', async () => {
    const samples = make(300);
    const by = (key: { id: string }) => key.id;
    const mixed = shuffle(samples, { seed: 9 });
    for (const split of [splitByHash, splitExactly]) {
      const before = await ids(split(samples, { parts, seed: 1, by }).test);
      expect((await ids(split(mixed, { parts, seed: 1, by }).test)).sort()).toEqual(before.sort());
      expect(await ids(split(samples, { parts, seed: 2, by }).test)).not.toEqual(before);
    }
    const all = await ids(splitByHash(samples, { parts, seed: 1, by }).test);
    const half = await ids(splitByHash(take(samples, 150), { parts, seed: 1, by }).test);
    expect(half).toEqual(all.filter(id => Number(id.slice(1)) < 150));
  });

  it('have the asked sizes: exactly, or within the binomial error', () => {
    const samples = make(2000);
    const by = (key: { id: string }) => key.id;
    const exact = splitExactly(samples, { parts, seed: 4, by });
    expect([exact.train.length, exact.calibrate.length, exact.test.length]).toEqual([1200, 200, 600]);
    const hashed = splitByHash(samples, { parts, seed: 4, by });
    expect(Math.abs(hashed.train.length - 1200)).toBeLessThan(4 * Math.sqrt(2000 * 0.6 * 0.4));
  });

  it('are pinned: they must never change between releases', async () => {
    const split = splitByHash(make(12), { parts: { a: 0.5, b: 0.5 }, seed: 1, by: key => key.id });
    expect(await ids(split.a)).toMatchInlineSnapshot(`
      [
        "s3",
        "s4",
        "s5",
        "s6",
        "s10",
        "s11",
      ]
    `);
    expect(await ids(shuffle(make(6), { seed: 1 }))).toMatchInlineSnapshot(`
      [
        "s1",
        "s4",
        "s0",
        "s3",
        "s2",
        "s5",
      ]
    `);
  });

  it('name the groups that two sets share', () => {
    expect(sharedGroups(make(3), make(5))).toEqual(['g0', 'g1', 'g2']);
  });
});
