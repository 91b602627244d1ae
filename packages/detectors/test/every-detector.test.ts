import type { LabeledRows, Matrix, Rows } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  describeMethod,
  detectorNames,
  type FitSettings,
  fitDetector,
  type MethodOptions,
} from '../src/index.ts';
import { detectorLaws } from '../src/laws/index.ts';
import { findMethod } from '../src/registry.ts';
import { goldenProblem } from './golden-problem.ts';

const { id, ood, head } = goldenProblem;
const narrow = ({ rows, cols, data }: Matrix) => ({ rows, cols, data: Float32Array.from(data) });
const rows32 = ({ features, logits }: Rows) => ({ features: narrow(features!), logits: narrow(logits!) });
const train: LabeledRows = { ...rows32(goldenProblem.train), labels: goldenProblem.train.labels };
const queries = join(rows32(id), rows32(ood));

/** Flows train for long by default; here it is enough that they train. */
const optionsOf = (name: string): MethodOptions & FitSettings => ({
  threads: 1,
  ...(name.startsWith('fde') && { epochs: 1, batchSize: 100 }),
  ...(name === 'neglabel' && { idLabels: 2, keptShare: 1 }),
});
describe.each(detectorNames)('%s', name => {
  const method = findMethod(name);
  const isFlow = name.startsWith('fde');
  const laws = detectorLaws(method, {
    train,
    queries,
    options: { head, ...optionsOf(name) } as MethodOptions & FitSettings,
    streamTolerance: isFlow ? null : 1e-9,
  });

  it.each(laws)('$name', ({ check }) => check(), 120_000);

  it('goes under its own name', () => {
    expect(method.name).toBe(name);
    expect(method.paper).toMatch(/, (19|20)\d\d: /);
  });

  it('says what is missing, of what it needs to fit and of what it reads to score', async () => {
    const { needs } = describeMethod(name);
    const missing = (need: string) => ({ name: 'DetectorsError', code: 'MISSING_INPUT', details: { need } });
    const { features, logits, labels } = train;
    // The argmax of logits stands in for labels, and the head for logits.
    const lacking = {
      features: () => fitDetector(name, { logits, labels }, { head }),
      logits: () => fitDetector(name, { features, labels }),
      labels: () => fitDetector(name, { features }),
      head: () => fitDetector(name, train),
    };
    for (const need of needs) {
      const replaces = need === 'labels' && needs.includes('logits') ? 'logits' : need;
      const said = need !== 'features' && needs.includes('head') ? 'head' : replaces;
      await expect(lacking[need](), need).rejects.toMatchObject(missing(said));
    }
  });
});

function join(a: { features: Matrix; logits: Matrix }, b: { features: Matrix; logits: Matrix }) {
  const both = (x: Matrix, y: Matrix) => ({
    rows: x.rows + y.rows,
    cols: x.cols,
    data: Float32Array.from([...x.data, ...y.data]),
  });
  return { features: both(a.features, b.features), logits: both(a.logits, b.logits) };
}
