import type { Group } from '../../benchmark.ts';
import type { SetFigures } from './figures.ts';
import type { Packed } from './packed.ts';

/** What the script of the page draws from. Texts are printable, yet not escaped. */
export interface ReportData {
  /** Index of the detector that is in focus at first, and of those whose curves are drawn. */
  readonly focus: number;
  readonly shown: readonly number[];
  readonly idRows: number;
  readonly sets: readonly { readonly name: string; readonly group: Group; readonly rows: number }[];
  readonly detectors: readonly DetectorData[];
  readonly samples: SampleData;
  readonly map: MapData | null;
  readonly atlas: AtlasData | null;
  /** Names of the classes, where they are known. */
  readonly classNames: readonly string[] | null;
}

export interface DetectorData {
  readonly name: string;
  /** Seconds to fit, microseconds to score a row, megabytes: as the cost columns sort; `null` where they are not known. */
  readonly costs: readonly [fit: number | null, score: number | null, size: number | null];
  /** Thresholds of the slider, see `thresholdGrid`, and ID rows that each accepts. */
  readonly thresholds: Packed;
  readonly idAccepted: Packed;
  /** ID rows of the highest scores. */
  readonly unusual: Extremes;
  readonly sets: readonly DetectorSetData[];
  /** Of each point of the map, the share of ID rows that score no higher, in 1 / 65,535. */
  readonly mapShares: Packed | null;
}

export interface DetectorSetData extends SetFigures {
  /** OOD rows that each threshold accepts. */
  readonly accepted: Packed;
  /** See `curvePoints`. */
  readonly idFlagged: Packed;
  readonly oodFlagged: Packed;
  readonly histogram: HistogramData;
  /** OOD rows of the lowest scores. */
  readonly mistakes: Extremes;
  readonly warnings: readonly string[];
}

/** Counts of scores in bins of one width. */
export interface HistogramData {
  readonly low: number;
  readonly high: number;
  readonly id: Packed;
  readonly ood: Packed;
  readonly openEnd: boolean;
}

/** Rows at one end of a detector's scores: places among the samples, and scores. */
export interface Extremes {
  readonly samples: Packed;
  readonly scores: Packed;
}

/** Rows that the page shows one by one. Those of the map come first. */
export interface SampleData {
  /** 0 for ID test, from 1 on the OOD sets. */
  readonly set: Packed;
  readonly row: Packed;
  /** Class that the classifier says, and the right one, each plus one; 0 where it is not known. */
  readonly predicted: Packed;
  readonly label: Packed;
  /** Place of its picture in the atlas plus one; 0 where there is none. */
  readonly tile: Packed;
}

/** Places of the first samples in the plane, in 1 / 65,535 of the side of a square. */
export interface MapData {
  readonly x: Packed;
  readonly y: Packed;
  readonly axes: readonly [string, string];
  readonly about: string;
}

/** All pictures in one image. */
export interface AtlasData {
  readonly source: string;
  /** Side of a picture in pixels. */
  readonly tile: number;
  readonly columns: number;
  readonly rows: number;
}
