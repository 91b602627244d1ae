import type { LabeledRows } from '@ood/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  defineMethod,
  type FitArguments,
  type FitArgumentsOf,
  fitAsh,
  fitDetector,
  fitFde,
  fitKlMatching,
  fitMahalanobis,
  fitMethod,
  fitNnguide,
  fitVim,
  type Head,
  type NeedsOf,
  type OptionsOf,
} from '../src/index.ts';
import { ash } from '../src/methods/ash.ts';
import { goldenProblem } from './golden-problem.ts';

const { train, head } = goldenProblem;
const { features, logits, labels } = train;

describe('what the types refuse, the run refuses', () => {
  it.each([
    // @ts-expect-error: ASH shapes activations in front of a head.
    ['a head, of ASH', () => fitAsh(train, {})],
    // @ts-expect-error: without any options there is no head either.
    ['a head, of ViM', () => fitVim(train)],
    // @ts-expect-error: the same by name.
    ['a head, by name', () => fitDetector('react', train)],
    // @ts-expect-error: options alone are no head.
    ['a head, by name with options', () => fitDetector('dice', train, { percentile: 80 })],
    // @ts-expect-error: the same of a method.
    ['a head, of a method', () => fitMethod(ash, train, {})],
    // @ts-expect-error: FDE is a density of features.
    ['features', () => fitFde({ logits, labels })],
    // @ts-expect-error: logits, or a head that makes them of features.
    ['logits', () => fitKlMatching({ features, labels })],
    // @ts-expect-error: features and logits.
    ['logits beside features', () => fitNnguide({ features })],
    // @ts-expect-error: a head makes logits of features, and there are none.
    ['features for the head', () => fitNnguide({ labels }, { head })],
    // @ts-expect-error: labels, or logits whose argmax stands in.
    ['labels', () => fitMahalanobis({ features })],
    // @ts-expect-error: the same by name.
    ['labels, by name', () => fitDetector('gmm', { features })],
  ])('%s', async (_what, act) => {
    await expect((act as () => Promise<unknown>)()).rejects.toMatchObject({ code: 'MISSING_INPUT' });
  });

  it.each([
    // @ts-expect-error: did you mean 'knn'?
    ['a name', 'UNKNOWN_DETECTOR', () => fitDetector('knm', train)],
    // @ts-expect-error: one of two regularizers.
    ['a choice', 'INVALID_OPTION', () => fitDetector('fdbd', train, { head, regularizer: 'length' })],
    // @ts-expect-error: no such option.
    ['an option', 'INVALID_OPTION', () => fitDetector('knn', train, { neighbors: 3 })],
    // @ts-expect-error: no such option, where a method has none.
    ['an option where there are none', 'INVALID_OPTION', () => fitDetector('she', train, { k: 3 })],
  ])('%s that does not exist', async (_what, code, act) => {
    await expect((act as () => Promise<unknown>)()).rejects.toMatchObject({ code });
  });
});

describe('what the types let pass, is fitted', () => {
  const names: readonly string[] = ['max-logit', 'knn'];
  it.each([
    ['a head in place of logits', () => fitKlMatching({ features }, { head })],
    ['logits in place of labels', () => fitMahalanobis({ features, logits }, { normalize: true })],
    ['a head in place of labels', () => fitDetector('mahalanobis', { features }, { head })],
    ['a stream, whose rows are checked as they come', () => fitAsh({ open: () => [train] }, { head })],
    ['rows of any kind, by a name that is known at run time', () => fitDetector(names[1]!, rowsOfAnyKind())],
    ['nothing but what scoring reads, where nothing is fitted', () => fitDetector('energy', { logits })],
  ])('%s', async (_what, act) => {
    const detector = await act();
    expect(await detector.score(goldenProblem.id)).toHaveLength(goldenProblem.id.features.rows);
    await detector.close();
  });
});

it('names what a method needs, and its options', () => {
  expectTypeOf<NeedsOf<'vim'>>().toEqualTypeOf<'features' | 'logits' | 'head'>();
  expectTypeOf<NeedsOf<'energy'>>().toEqualTypeOf<never>();
  expectTypeOf<OptionsOf<'fde'>['flow']>().toEqualTypeOf<'auto' | 'always' | 'never'>();
  expectTypeOf<FitArgumentsOf<'ash-s'>[1]>().toHaveProperty('head').toEqualTypeOf<Head>();
  // Known at run time only: any of several names, and any string.
  expectTypeOf<FitArgumentsOf<'ash-s' | 'knn'>>().toEqualTypeOf<FitArgumentsOf<string>>();
  expectTypeOf<FitArguments<object, 'features'>[1]>().toBeNullable();
  const mine = defineMethod({ ...ash, name: 'mine', needs: ['features', 'head'] });
  expectTypeOf(mine.needs).toEqualTypeOf<readonly ('features' | 'head')[]>();
  expect(mine.needs).toEqual(['features', 'head']);
});

function rowsOfAnyKind(): LabeledRows {
  return train;
}
