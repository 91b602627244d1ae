import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import { BenchmarkError } from '../errors.ts';
import type { Task } from '../tasks/task.ts';
import type { CellName } from './cells.ts';
import type { PreparedBackbone } from './prepare-backbone.ts';
import type { TaskRun } from './run-task.ts';

/** What `run.json` holds: where the features and cells of a run are. */
export interface RunFile {
  readonly kind: 'ood-run';
  readonly version: 1;
  readonly task: Task;
  readonly backbones: readonly PreparedBackbone[];
  readonly cells: readonly (CellName & { readonly key: string })[];
}

export function runFile({ task, backbones }: TaskRun): RunFile {
  return {
    kind: 'ood-run',
    version: 1,
    task,
    backbones: backbones.map(one => one.backbone),
    cells: backbones.flatMap(({ cells }) =>
      cells.map(({ backbone, detector, seed, key }) => ({ backbone, detector, seed, key })),
    ),
  };
}

/** The `run.json` of a run's folder. @throws BenchmarkError `FOREIGN_FILE`; CoreError where it cannot be read */
export async function readRunFile(folder: string): Promise<RunFile> {
  const path = join(folder, 'run.json');
  const foreign = (got: string) =>
    new BenchmarkError('FOREIGN_FILE', {
      where: path,
      expected: 'what `ood-eval run` wrote',
      got,
      advice: 'give the folder of a run that has ended',
    });
  const bytes = await readPlainFile(path, { what: 'the run.json of a run' }).catch((error: unknown) => {
    throw isOodError(error, 'FILE_NOT_FOUND') ? foreign('no such file') : error;
  });
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<RunFile>;
    if (value.kind === 'ood-run' && Array.isArray(value.backbones) && Array.isArray(value.cells))
      return value as RunFile;
  } catch {
    // Reported below.
  }
  throw foreign('something else');
}
