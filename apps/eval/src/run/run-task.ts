import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOodError, processorCount, throwIfAborted } from '@ood/core';
import { withLock } from '@ood/core/node';
import { describeMethod } from '@ood/detectors';
import type { Benchmark } from '../benchmark.ts';
import { BenchmarkError } from '../errors.ts';
import { findSharedRows, type SharedRows } from '../shared-rows.ts';
import type { Task, TaskDetector } from '../tasks/task.ts';
import { hashTask } from '../tasks/task-hash.ts';
import { createCellPool } from './cell-pool.ts';
import {
  type Cell,
  type CellFailure,
  type CellName,
  cellKey,
  hasCells,
  readCell,
  writeCell,
  writeFailure,
} from './cells.ts';
import { loadBackbone, type PreparedBackbone, prepareBackbone } from './prepare-backbone.ts';
import type { PrepareOptions, PrepareProgress } from './prepare-options.ts';
import { type GivenScores, readScores } from './read-scores.ts';

/** What a run does with cells that its folder holds: keep those that are of the same features, method and seed; make all anew; refuse. */
export type Overwrite = 'missing' | 'always' | 'never';

export interface RunTaskOptions extends Omit<PrepareOptions, 'onProgress'> {
  /** Cells that are measured at once, each in a process of its own; 0: one after the other in this process. Default: one for each core. */
  readonly jobs?: number | undefined;
  /** Default: `missing`. */
  readonly overwrite?: Overwrite | undefined;
  /** Backbones and detectors (labels) to run. Default: all. */
  readonly only?:
    | { readonly backbones?: readonly string[]; readonly detectors?: readonly string[] }
    | undefined;
  /** Scores of other libraries, judged beside the detectors of the task. */
  readonly scores?: readonly GivenScores[] | undefined;
  readonly onProgress?: ((progress: RunTaskProgress) => void) | undefined;
}

export type RunTaskProgress =
  | PrepareProgress
  | { readonly stage: 'measure'; readonly part: string; readonly done: number; readonly total: number };

/** The cells of one backbone, and what one should know of its sets. */
export interface BackboneRun {
  readonly backbone: PreparedBackbone;
  readonly sharedRows: readonly SharedRows[];
  readonly cells: readonly Cell[];
  readonly failures: readonly CellFailure[];
}

export interface TaskRun {
  readonly task: Task;
  /** See `hashTask`. */
  readonly taskHash: string;
  readonly backbones: readonly BackboneRun[];
  /** Backbones whose features could not be made; the others are there. */
  readonly missing: readonly {
    readonly backbone: string;
    readonly code: string | null;
    readonly reason: string;
  }[];
  /** Cells that were taken from an earlier run. */
  readonly kept: number;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Runs a task: features of every backbone once, then every detector with every seed, each in a process of its own, and all of it kept in
 * the folder `out` as it comes: a run that was killed goes on where it was, more seeds or detectors add to it, and a cell that fails
 * is named and costs no other.
 *
 * @throws BenchmarkError `FILE_EXISTS` with `overwrite: 'never'` where cells are there, `INVALID_OPTION` for `only` of what the task has not;
 *   the first error where no backbone can be prepared; CoreError `ABORTED`, `LOCKED`
 */
export async function runTask(task: Task, options: RunTaskOptions): Promise<TaskRun> {
  const { out, overwrite = 'missing', only, signal } = options;
  requireGivenScores(task, options.scores ?? []);
  const detectors = chosen(task.detectors, only?.detectors, ({ label }) => label, 'detectors');
  const backbones = chosen(task.backbones, only?.backbones, ({ name }) => name, 'backbones');
  if (overwrite === 'never' && (await hasCells(out)))
    throw new BenchmarkError('FILE_EXISTS', {
      where: out,
      expected: 'a folder without results',
      got: 'some',
      advice: 'choose another folder, or add to these (missing), or make them anew (always)',
    });
  return withLock(
    join(out, '.ood-run-lock'),
    locked => run({ ...task, backbones, detectors }, { ...options, signal: locked }),
    { where: out, ...(signal && { signal }) },
  );
}

async function run(task: Task, options: RunTaskOptions): Promise<TaskRun> {
  const { onProgress, signal } = options;
  const prepared: PreparedBackbone[] = [];
  const missing: TaskRun['missing'][number][] = [];
  let firstError: unknown;
  for (const backbone of task.backbones) {
    try {
      prepared.push(await prepareBackbone(task, backbone, { ...options, ...(onProgress && { onProgress }) }));
    } catch (error) {
      if (signal?.aborted || isOodError(error, 'ABORTED', 'DISK_FULL')) throw error;
      firstError ??= error;
      missing.push({ backbone: backbone.name, ...reasonOf(error) });
    }
  }
  if (prepared.length === 0) throw firstError;
  const never = task.near?.find(set => !prepared.some(({ near }) => near.includes(set)));
  // A backbone that was left out may have it.
  if (never !== undefined && missing.length === 0 && options.only?.backbones === undefined)
    throw new BenchmarkError('INVALID_OPTION', {
      where: `task ${task.name}, near`,
      expected: 'OOD sets that a backbone has features of',
      got: never,
      advice: 'name it as in ood-<name>',
      details: { option: 'near', unknown: [never] },
    });
  const versions = { node: process.version, detectors: detectorsVersion() };
  const runs: BackboneRun[] = [];
  let kept = 0;
  const pool = createCellPool(options.jobs ?? processorCount() ?? 1);
  const stop = () => pool.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const backbone of prepared) {
      const { benchmark } = await loadBackbone(backbone);
      const sharedRows = findSharedRows(benchmark);
      // Before the long work: what is wrong with them is soon said.
      const given = await cellsOfScores(backbone, benchmark, options);
      const { cells, failures, reused } = await measureAll(task, backbone, { ...options, pool, versions });
      kept += reused;
      runs.push({ backbone, sharedRows, cells: [...cells, ...given], failures });
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    pool.close();
  }
  return { task, taskHash: hashTask(task), backbones: runs, missing, kept, versions };
}

/** Refuses scores of a name that the task has already, or of a backbone that it has not. */
function requireGivenScores(task: Task, scores: readonly GivenScores[]): void {
  const backbones = task.backbones.map(({ name }) => name);
  scores.forEach(({ label, backbone = backbones.length === 1 ? backbones[0] : undefined }, i) => {
    const refuse = (expected: string, got: string) =>
      new BenchmarkError('INVALID_OPTION', {
        where: `scores ${label}`,
        expected,
        got,
        advice: 'give them as BACKBONE/NAME=FILE, under a name of their own',
      });
    if (!/^[\w.+-][\w.+ -]{0,99}$/.test(label))
      throw refuse('a name of letters, digits, dots and dashes', label);
    if (
      task.detectors.some(one => one.label === label) ||
      scores.findIndex(one => one.label === label && one.backbone === scores[i]!.backbone) !== i
    )
      throw refuse('a name that no detector of the task has', label);
    if (backbone === undefined || !backbones.includes(backbone))
      throw refuse(`the backbone that they belong to, one of ${backbones.join(', ')}`, backbone ?? 'none');
  });
}

/** Scores of other libraries as cells, kept like all others. */
async function cellsOfScores(
  { name: backbone, digest: features }: PreparedBackbone,
  benchmark: Benchmark,
  { out, scores = [] }: RunTaskOptions,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const given of scores.filter(one => one.backbone === undefined || one.backbone === backbone)) {
    const { scores, digest } = await readScores(given, benchmark);
    const facts = { backbone, detector: given.label, seed: 1, method: 'scores', options: {} };
    const cell: Cell = {
      ...facts,
      key: `${features}-${digest}`,
      cost: null,
      threads: 0,
      node: process.version,
      fitted: {},
      scores,
    };
    await writeCell(out, cell);
    cells.push(cell);
  }
  return cells;
}

interface Measuring extends RunTaskOptions {
  readonly pool: ReturnType<typeof createCellPool>;
  readonly versions: TaskRun['versions'];
}

async function measureAll(task: Task, backbone: PreparedBackbone, options: Measuring) {
  const { out, overwrite = 'missing', threads = 1, pool, signal, onProgress, versions } = options;
  const jobs = task.detectors.flatMap(detector =>
    seedsOf(detector, task.seeds).map(seed => ({
      name: { backbone: backbone.name, detector: detector.label, seed } satisfies CellName,
      detector,
      seed,
      key: cellKey(backbone.digest, detector, { seed, version: versions.detectors! }),
    })),
  );
  const cells: Cell[] = [];
  const failures: CellFailure[] = [];
  let done = 0;
  let reused = 0;
  const report = (part: string) =>
    onProgress?.({ stage: 'measure', part: `${backbone.name}: ${part}`, done, total: jobs.length });
  report('starting');
  await Promise.all(
    jobs.map(async ({ name, key, ...job }) => {
      const { detector } = name;
      const there = overwrite === 'always' ? undefined : await readCell(out, name, key);
      if (there) {
        cells.push(there);
        reused++;
      } else {
        try {
          await pool.measure({ out, backbone, key, threads, ...job });
          cells.push((await readCell(out, name, key))!);
        } catch (error) {
          throwIfAborted('the run', signal);
          if (isOodError(error, 'DISK_FULL', 'PERMISSION_DENIED')) throw error;
          const failure = { ...name, key, ...reasonOf(error) };
          failures.push(failure);
          await writeFailure(out, failure);
        }
      }
      done++;
      report(detector);
    }),
  );
  const place = new Map(jobs.map(({ name }, i) => [`${name.detector} ${name.seed}`, i]));
  const inOrder = (a: CellName, b: CellName) =>
    place.get(`${a.detector} ${a.seed}`)! - place.get(`${b.detector} ${b.seed}`)!;
  return { cells: cells.sort(inOrder), failures: failures.sort(inOrder), reused };
}

/** The seeds of a detector: as many as asked where it draws at random and no option fixes its seed, else one. */
function seedsOf({ method, options }: TaskDetector, seeds: number): number[] {
  const { defaults } = describeMethod(method);
  const draws = 'seed' in defaults && !('seed' in options);
  return Array.from({ length: draws ? seeds : 1 }, (_, i) => i + 1);
}

function reasonOf(error: unknown): { readonly code: string | null; readonly reason: string } {
  return {
    code: isOodError(error) ? error.code : null,
    reason: error instanceof Error ? error.message : String(error),
  };
}

function chosen<T>(
  all: readonly T[],
  names: readonly string[] | undefined,
  nameOf: (one: T) => string,
  what: string,
): readonly T[] {
  if (names === undefined) return all;
  const known = all.map(nameOf);
  const unknown = names.find(name => !known.includes(name));
  if (unknown !== undefined)
    throw new BenchmarkError('INVALID_OPTION', {
      where: 'only',
      expected: `${what} of the task: ${known.join(', ')}`,
      got: unknown,
      advice: 'correct its name',
      details: { option: what, known },
    });
  return all.filter(one => names.includes(nameOf(one)));
}

function detectorsVersion(): string {
  const manifest = new URL(import.meta.resolve('@ood/detectors/package.json'));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
