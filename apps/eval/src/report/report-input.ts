import type { Benchmark, DetectorScores } from '../benchmark.ts';
import type { Results } from '../results.ts';
import type { MapKind } from './data/embedding.ts';

/** What a report shows: the numbers, the scores behind them, and, where sets can draw their samples, pictures. */
export interface ReportInput {
  readonly results: Results;
  /** Scores by detector name. */
  readonly scores: Readonly<Record<string, DetectorScores>>;
  readonly benchmark: Benchmark;
  /** Heading of the page. Default: the benchmark's name. */
  readonly title?: string;
  /** Text below the heading; empty lines part paragraphs. */
  readonly notes?: string;
  /** Map of ID test and OOD rows: by principal components (`pca`, the default), by UMAP, which takes about a minute, or none. */
  readonly map?: MapKind | 'none';
  /** Names of the classes, by their index. */
  readonly classNames?: readonly string[];
  /** Size of fitted detectors in megabytes, by name: a column of the table. */
  readonly megabytes?: Readonly<Record<string, number>>;
}
