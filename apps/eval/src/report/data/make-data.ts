import { printable, type Seed } from '@ood/core';
import type { ScorePair } from '@ood/metrics';
import { type AgainstBest, againstBest } from '../../against-best.ts';
import type { FeatureSet } from '../../benchmark.ts';
import type { DetectorResult, Estimate, SetResult } from '../../results.ts';
import { scoreHistogram } from '../histogram.ts';
import type { ReportInput } from '../report-input.ts';
import { makeAtlas } from './atlas.ts';
import { curvePoints } from './curve-points.ts';
import { embed, type MapKind, mapRows } from './embedding.ts';
import { FIGURES, type Figure, type FigureKey } from './figures.ts';
import { packAscending, packCounts, packNumbers } from './packed.ts';
import type {
  DetectorData,
  DetectorSetData,
  Extremes,
  HistogramData,
  MapData,
  ReportData,
} from './report-data.ts';
import { createSamples, extremeRows, type Samples, sampleData } from './samples.ts';
import { acceptedCounts, thresholdGrid } from './threshold-grid.ts';

/** Curves that are drawn at first. */
const SHOWN = 4;
/** Rows at the end of a detector's scores that the page shows. */
const EXTREMES = 24;
/** Error of a drawn curve, a share of its axis: under a pixel of the largest chart; more where a page of very many curves would grow too large. */
const TOLERANCE = 0.0015;
const MANY_CURVES = 200;

export interface MakeDataOptions {
  readonly map: MapKind | 'none';
  readonly seed: Seed;
}

/** What the script of the page draws from: scores become counts, so that the page's size hardly depends on the rows. */
export async function makeData(input: ReportInput, { map, seed }: MakeDataOptions): Promise<ReportData> {
  const { results, benchmark, scores, classNames } = input;
  const { detectors } = results;
  const setResults = detectors[0]!.sets;
  const ood = setResults.map(({ set }) => benchmark.ood.find(({ name }) => name === set)!);
  const sets: readonly FeatureSet[] = [benchmark.idTest, ...ood];
  const samples = createSamples();
  const places = map === 'none' ? [] : mapRows(sets);
  for (const { set, row } of places) samples.place(set, row);
  const plane: MapData | null = map === 'none' ? null : await embed(places, sets, { kind: map, seed });
  const pairOf = (detector: string, set: string): ScorePair => {
    const { idTest, ood } = scores[detector]!;
    return { id: idTest, ood: ood[set]! };
  };
  const tests = setResults.map(({ set }, i) =>
    againstBest(
      detectors.map(({ detector, sets }) => ({
        detector,
        rankedBy: sets[i]!.auroc.value,
        pair: pairOf(detector, set),
      })),
    ),
  );
  const tolerance = TOLERANCE * Math.max(1, (detectors.length * setResults.length) / MANY_CURVES);
  const wanted: number[] = [];
  const described = detectors.map((result): DetectorData => {
    const { idTest, ood: oodScores } = scores[result.detector]!;
    const sortedId = idTest.slice().sort();
    const thresholds = thresholdGrid(sortedId);
    const ends = (end: 1 | -1, set: number, of: Float64Array) =>
      extremes(extremeRows(of, end, EXTREMES), set, of, samples, wanted);
    return {
      name: printable(result.detector),
      costs: [result.fitSeconds, result.scoreMicroseconds, input.megabytes?.[result.detector] ?? null],
      thresholds: packNumbers(thresholds),
      idAccepted: packAscending(acceptedCounts(sortedId, thresholds)),
      unusual: ends(1, 0, idTest),
      sets: result.sets.map((set, i): DetectorSetData => {
        const own = oodScores[set.set]!;
        const { idFlagged, oodFlagged } = curvePoints(idTest, own, tolerance);
        return {
          ...figuresOf(set, tests[i]!.get(result.detector)!),
          accepted: packAscending(acceptedCounts(own.slice().sort(), thresholds)),
          idFlagged: packAscending(idFlagged),
          oodFlagged: packAscending(oodFlagged),
          histogram: histogramData(idTest, own),
          mistakes: ends(-1, i + 1, own),
          warnings: set.warnings.map(warning => printable(warning)),
        };
      }),
      mapShares:
        plane &&
        mapShares(
          places.map(({ set, row }) => (set === 0 ? idTest : oodScores[setResults[set - 1]!.set]!)[row]!),
          sortedId,
        ),
    };
  });
  const atlas = await makeAtlas(samples.rows, [...wanted, ...places.keys()], sets);
  const tiles = atlas?.tiles ?? new Uint32Array(samples.rows.length);
  return {
    focus: 0,
    shown: bestFew(detectors),
    idRows: benchmark.idTest.features.rows,
    sets: setResults.map(({ set, group, rows }) => ({ name: printable(set), group, rows })),
    detectors: described,
    samples: sampleData(samples.rows, { ...benchmark, ood }, tiles),
    map: plane,
    atlas: atlas?.data ?? null,
    classNames: classNames?.map(name => printable(name)) ?? null,
  };
}

/** The first detector, and those of the largest mean AUROC over all sets. */
function bestFew(detectors: readonly DetectorResult[]): number[] {
  const mean = ({ sets }: DetectorResult) => sets.reduce((sum, { auroc }) => sum + auroc.value, 0);
  const order = [...detectors.keys()].sort((a, b) => mean(detectors[b]!) - mean(detectors[a]!) || a - b);
  return [...new Set([0, ...order])].slice(0, SHOWN).sort((a, b) => a - b);
}

function figuresOf(set: SetResult, { p, amongBest }: AgainstBest) {
  const figure = ({ value, low, high }: Estimate): Figure => [value, low, high];
  const figures = Object.fromEntries(FIGURES.map(({ key }) => [key, figure(set[key])]));
  return { group: set.group, figures: figures as Record<FigureKey, Figure>, p, amongBest };
}

function histogramData(id: Float64Array, ood: Float64Array): HistogramData {
  const { edges, id: idShares, ood: oodShares, openEnd } = scoreHistogram(id, ood);
  const counts = (shares: Float64Array, rows: number) =>
    packCounts(shares.map(share => Math.round(share * rows)));
  return {
    low: edges[0]!,
    high: edges.at(-1)!,
    id: counts(idShares, id.length),
    ood: counts(oodShares, ood.length),
    openEnd,
  };
}

function extremes(
  rows: readonly number[],
  set: number,
  scores: Float64Array,
  samples: Samples,
  wanted: number[],
): Extremes {
  const places = rows.map(row => samples.place(set, row));
  wanted.push(...places);
  return { samples: packCounts(places), scores: packNumbers(rows.map(row => scores[row]!)) };
}

/** Share of ID scores that are no higher than each score, in 1 / 65,535. */
function mapShares(scores: readonly number[], sortedId: Float64Array) {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  const shares = new Uint32Array(scores.length);
  let below = 0;
  for (const place of order) {
    while (below < sortedId.length && sortedId[below]! <= scores[place]!) below++;
    shares[place] = Math.round((65535 * below) / sortedId.length);
  }
  return packCounts(shares);
}
