import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, decodeSafetensors, encodeSafetensors, isOodError } from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';
import type { DetectorScores } from '../benchmark.ts';
import type { TaskDetector } from '../tasks/task.ts';

/** One detector, fitted on the features of one backbone with one seed. */
export interface CellName {
  readonly backbone: string;
  /** What tables call the detector. */
  readonly detector: string;
  readonly seed: number;
}

/** What fitting and scoring took. */
export interface CellCost {
  readonly fitSeconds: number;
  /** For each row; the median over the sets. */
  readonly scoreMicroseconds: number;
  /** Of the fitted detector, as it is stored. */
  readonly bytes: number;
}

/** What a cell cost, and what it was made with. */
export interface CellFacts extends CellName {
  /** Of everything that its scores depend on: see `cellKey`. */
  readonly key: string;
  readonly method: string;
  readonly options: TaskDetector['options'];
  /** `null` for scores that came from elsewhere. */
  readonly cost: CellCost | null;
  readonly threads: number;
  readonly node: string;
  /** Numbers that the method tells of its fit. */
  readonly fitted: Readonly<Record<string, unknown>>;
}

export interface Cell extends CellFacts {
  readonly scores: DetectorScores;
}

/** A cell without a result; the next run tries it again. */
export interface CellFailure extends CellName {
  readonly key: string;
  readonly code: string | null;
  readonly reason: string;
}

/** SHA-256 (hex) of what the scores of a cell depend on: features, method, options, seed, version of the methods. */
export function cellKey(
  digest: string,
  { method, options }: TaskDetector,
  { seed, version }: { readonly seed: number; readonly version: string },
): string {
  return createHash('sha256').update(canonicalJson({ digest, method, options, seed, version })).digest('hex');
}

const ENDING = '.safetensors';
const FAILED = '.failed.json';

const folderOf = (out: string, { backbone, detector }: CellName) => join(out, 'cells', backbone, detector);
const fileOf = (out: string, name: CellName, ending: string) =>
  join(folderOf(out, name), `seed-${name.seed}${ending}`);

/** Keeps a cell: one file, which is there whole or not at all. A failure of an earlier run goes. */
export async function writeCell(out: string, { scores, ...facts }: Cell): Promise<void> {
  const array = (data: Float64Array) => ({ shape: [data.length], data });
  const ood = Object.entries(scores.ood).map(([set, values]) => [`ood-${set}`, array(values)]);
  await writeWholeFile(
    fileOf(out, facts, ENDING),
    encodeSafetensors({
      metadata: { 'ood-cell': JSON.stringify(facts) },
      arrays: { 'id-test': array(scores.idTest), ...Object.fromEntries(ood) },
    }),
  );
  await rm(fileOf(out, facts, FAILED), { force: true });
}

/** A cell that is there and has this key; `undefined` otherwise, also for a file that is damaged. */
export async function readCell(out: string, name: CellName, key: string): Promise<Cell | undefined> {
  const path = fileOf(out, name, ENDING);
  try {
    const { metadata, arrays } = decodeSafetensors(await readPlainFile(path), path);
    const facts = JSON.parse(metadata['ood-cell'] ?? '{}') as CellFacts;
    if (facts.key !== key) return undefined;
    const scoresOf = (array: string) => arrays[array]!.data as Float64Array;
    const ood = Object.keys(arrays)
      .filter(array => array.startsWith('ood-'))
      .map(array => [array.slice('ood-'.length), scoresOf(array)]);
    return { ...facts, scores: { idTest: scoresOf('id-test'), ood: Object.fromEntries(ood) } };
  } catch (error) {
    if (
      error instanceof SyntaxError ||
      isOodError(error, 'FILE_NOT_FOUND', 'CORRUPT_FILE', 'FOREIGN_FILE', 'UNSUPPORTED')
    )
      return undefined;
    throw error;
  }
}

/** Keeps the reason why a cell has no result. */
export async function writeFailure(out: string, failure: CellFailure): Promise<void> {
  await writeWholeFile(fileOf(out, failure, FAILED), `${JSON.stringify(failure, null, 2)}\n`);
}

/** Whether any cell is kept in a run's folder. */
export async function hasCells(out: string): Promise<boolean> {
  const files = await readdir(join(out, 'cells'), { recursive: true }).catch(() => []);
  return files.some(file => file.endsWith(ENDING));
}
