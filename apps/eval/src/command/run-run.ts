import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printable } from '@ood/core';
import { requireWritableFolder } from '@ood/core/node';
import { describeMethod } from '@ood/detectors';
import {
  consecutiveStages,
  createProgress,
  extractionDetail,
  fractionOf,
  type Io,
  jsonText,
  writeJson,
} from '@ood/terminal';
import { BenchmarkError } from '../errors.ts';
import type { GivenScores } from '../run/read-scores.ts';
import { runFile } from '../run/run-file.ts';
import { type Overwrite, type RunTaskProgress, runTask, type TaskRun } from '../run/run-task.ts';
import { describeSharedRows } from '../shared-rows.ts';
import { summarize } from '../summary/summarize.ts';
import type { Summary } from '../summary/summary.ts';
import { figuresTable } from '../tables/figures-table.ts';
import { terminalTable } from '../tables/write-table.ts';
import type { Task } from '../tasks/task.ts';
import { writeRun } from '../write-run.ts';
import { openTask } from './open-task.ts';

export interface RunOptions {
  readonly task: string;
  readonly base?: string;
  readonly bench?: string;
  readonly seeds?: number;
  readonly only?: readonly string[];
  readonly backbones?: readonly string[];
  readonly limit?: number;
  readonly jobs?: number;
  readonly threads: number;
  readonly overwrite: Overwrite;
  readonly scores?: readonly GivenScores[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly out: string;
}

/** Runs a task and writes its results. @throws BenchmarkError `DETECTORS_FAILED` after all that, where a cell or a backbone has no result */
export async function runRun(options: RunOptions, io: Io): Promise<void> {
  const { limit, jobs, threads, overwrite, json = false, only, backbones } = options;
  const opened = await openTask(options.task, io, options.bench ?? options.base);
  const task: Task = { ...opened.task, seeds: options.seeds ?? opened.task.seeds };
  if (options.dryRun) return printPlan(task, options, io);
  const out = resolve(io.cwd, options.out);
  await requireWritableFolder(out, { where: `--out ${options.out}` });
  const progress = consecutiveStages(createProgress(io, { silent: json }));
  const run = await runTask(task, {
    base: opened.base,
    out,
    limit,
    jobs,
    threads,
    overwrite,
    scores: options.scores?.map(given => ({ ...given, path: resolve(io.cwd, given.path) })),
    only: { ...(only && { detectors: only }), ...(backbones && { backbones }) },
    signal: io.signal,
    now: io.now,
    onProgress: event => progress.update(...described(event)),
  });
  progress.finish();
  const summary = await summarize(run, {
    command: `ood-eval run ${options.task}`,
    threads,
    jobs: jobs ?? null,
    limit: limit ?? null,
  });
  const [results] = await writeRun(
    out,
    { 'results.json': jsonText(summary), 'run.json': jsonText(runFile(run)) },
    { signal: io.signal },
  );
  if (json) writeJson(io, summary);
  else print(summary, run, { io, out: options.out, results: results! });
  const failures = run.backbones.flatMap(one => one.failures);
  if (failures.length + run.missing.length > 0) throw unfinished(failures, run);
}

function described(event: RunTaskProgress): [title: string, fraction: number | undefined, detail: string] {
  if (event.stage === 'measure') return ['measuring', fractionOf(event), event.part];
  if (event.stage === 'download') return [`downloading ${event.part}`, fractionOf(event), ''];
  return [event.part, fractionOf(event), extractionDetail(event).join(', ')];
}

function print(
  { backbones, ranking }: Summary,
  { kept, ...run }: TaskRun,
  { io, out, results }: { readonly io: Io; readonly out: string; readonly results: string },
): void {
  for (const { sharedRows } of run.backbones)
    for (const shared of sharedRows) io.stderr.write(`warning: ${printable(describeSharedRows(shared))}\n`);
  const width = io.stdout.columns ?? 160;
  for (const backbone of backbones) io.stdout.write(`${terminalTable(figuresTable(backbone), width)}\n`);
  if (ranking) {
    const ranks = ranking.detectors.map(({ detector, rank }) => `${detector} ${rank.toFixed(2)}`);
    io.stdout.write(
      `Mean rank over ${ranking.sets} sets (differences below ${ranking.criticalDifference.toFixed(2)} are none): ${ranks.join(', ')}\n`,
    );
  }
  if (kept > 0) io.stdout.write(`${kept} cells were there already.\n`);
  io.stdout.write(`${printable(out)}: ${pathToFileURL(results)}\n`);
}

function unfinished(
  failures: readonly TaskRun['backbones'][number]['failures'][number][],
  { missing }: TaskRun,
): BenchmarkError {
  const cells = failures.map(
    ({ backbone, detector, seed, reason }) => `${backbone}, ${detector}, seed ${seed}: ${reason}`,
  );
  const without = missing.map(({ backbone, reason }) => `${backbone}: ${reason}`);
  return new BenchmarkError('DETECTORS_FAILED', {
    where: 'ood-eval run',
    expected: 'results of all cells',
    got: `none of ${[...without, ...cells].join('; ')}`,
    advice: 'the others are kept; run it again when this is mended',
    details: { failures: failures.map(({ backbone, detector, seed }) => `${backbone}/${detector}/${seed}`) },
  });
}

function printPlan(task: Task, { out, json = false, only, backbones }: RunOptions, io: Io): void {
  const nets = task.backbones.filter(({ name }) => backbones?.includes(name) ?? true).map(({ name }) => name);
  const cells = task.detectors
    .filter(({ label }) => only?.includes(label) ?? true)
    .map(({ label, method, options }) => {
      const draws = 'seed' in describeMethod(method).defaults && !('seed' in options);
      return { detector: label, seeds: draws ? task.seeds : 1 };
    });
  const total = nets.length * cells.reduce((sum, { seeds }) => sum + seeds, 0);
  if (json) {
    writeJson(io, { task: task.name, out, backbones: nets, cells, total });
    return;
  }
  const lines = cells.map(({ detector, seeds }) => `  ${detector}${seeds > 1 ? `, ${seeds} seeds` : ''}`);
  io.stdout.write(
    `${task.name}: ${nets.join(', ')}\n${lines.join('\n')}\n${total} cells into ${printable(join(out, 'cells'))}\n`,
  );
}
