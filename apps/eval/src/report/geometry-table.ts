import { isOodError, type Matrix, pickRows } from '@ood/core';
import {
  deadDimensions,
  effectiveRank,
  featureNorms,
  neuralCollapse,
  tolerance,
  uniformity,
} from '@ood/metrics';
import type { Benchmark, FeatureSet } from '../benchmark.ts';
import { spacedRows } from './data/samples.ts';
import { escapeHtml } from './html.ts';

/** Rows and pairs of a set that are measured, and widths up to which spectra are: three digits in seconds instead of minutes. */
const ROWS = 1500;
const PAIRS = 200_000;
const WIDEST_SPECTRUM = 1024;
const WIDEST_COLLAPSE = 512;

interface Rows {
  readonly features: Matrix;
  /** Where every row has one, and there is more than one class. */
  readonly labels: readonly number[] | undefined;
}

interface Measure {
  readonly name: string;
  readonly about: string;
  readonly of: (rows: Rows) => Promise<number | null> | number | null | undefined;
}

const MEASURES: readonly Measure[] = [
  {
    name: 'uniformity',
    about:
      '−log mean exp(−2‖zᵢ − zⱼ‖²) over pairs of directions: near 4 where they cover the sphere evenly, 0 where they coincide',
    of: async ({ features }) => (await uniformity(features, { pairs: PAIRS, seed: 1 })).value,
  },
  {
    name: 'tolerance',
    about: 'mean cosine of pairs of one class: 1 where classes are points',
    of: ({ features, labels }) => labels && tolerance(features, labels).value,
  },
  {
    name: 'NC1',
    about: `neural collapse, the variance within classes against that between them: 0 where classes are points (up to ${WIDEST_COLLAPSE} dimensions)`,
    of: async ({ features, labels }) =>
      labels && features.cols <= WIDEST_COLLAPSE ? (await neuralCollapse(features, labels)).nc1 : null,
  },
  {
    name: 'effective rank',
    about: `how many directions the features use, by the entropy of their spectrum (up to ${WIDEST_SPECTRUM} dimensions)`,
    of: async ({ features }) =>
      features.cols <= WIDEST_SPECTRUM ? (await effectiveRank(features)).effectiveRank : null,
  },
  { name: 'mean norm', about: 'mean length of a row', of: ({ features }) => featureNorms(features).mean },
  {
    name: 'dead dimensions',
    about: 'dimensions in which no row differs',
    of: ({ features }) => deadDimensions(features).indices.length,
  },
];

/** HTML table of the shape of every set's features, of evenly spaced rows; measures that a set does not allow are a dash. */
export async function geometryTable({ idTrain, idTest, ood }: Benchmark): Promise<string> {
  const named: readonly (readonly [string, FeatureSet])[] = [
    ['ID train', idTrain],
    ['ID test', idTest],
    ...ood.map(set => [set.name, set] as const),
  ];
  const rows: string[] = [];
  for (const [name, set] of named) {
    const few = fewRows(set);
    const cells: string[] = [];
    for (const { of } of MEASURES) cells.push(`<td>${digits(await allowed(() => of(few)))}</td>`);
    rows.push(`<tr><th scope="row"><span>${escapeHtml(name)}</span></th>${cells.join('')}</tr>`);
  }
  const heads = MEASURES.map(
    ({ name, about }) => `<th scope="col" title="${escapeHtml(about)}">${name}</th>`,
  );
  const meanings = MEASURES.map(({ name, about }) => `<li><b>${name}</b>: ${escapeHtml(about)}</li>`);
  return `<div class="scroll" tabindex="0" role="group" aria-label="geometry of the features"><table class="geometry"><thead><tr><th scope="col">set</th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
<ul class="soft meanings">${meanings.join('')}<li>Of at most ${ROWS.toLocaleString('en')} rows of each set, evenly spaced.</li></ul>`;
}

function fewRows({ features, labels }: FeatureSet): Rows {
  const picked = spacedRows(features.rows, ROWS);
  const known = labels && picked.map(row => labels[row]!);
  const usable = known?.every(label => label >= 0) && new Set(known).size > 1;
  return { features: pickRows(features, picked), labels: usable ? known : undefined };
}

/** Sets of one row, of zeros or of one row a class have no such figure. */
async function allowed(measure: () => ReturnType<Measure['of']>): Promise<number | null> {
  try {
    return (await measure()) ?? null;
  } catch (error) {
    if (isOodError(error)) return null;
    throw error;
  }
}

function digits(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 10_000 || Math.abs(value) < 0.001 ? value.toExponential(2) : value.toPrecision(3);
}
