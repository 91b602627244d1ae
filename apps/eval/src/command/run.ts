import { addRequiredOption, type Io, parseCount, parseNames } from '@ood/terminal';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { GivenScores } from '../run/read-scores.ts';

/** Defines `ood-eval run`: a task to results, which goes on where it was interrupted. */
export function defineRun(program: Command, io: Io): void {
  const command = program
    .command('run')
    .description('runs a task; goes on where it was interrupted, and adds what is new to what is there')
    .argument('[task]', 'a file, or the name of a task that comes along (see list)', 'glyphs')
    .option('--base <dir>', 'folder that paths of the task are relative to; default: that of the file')
    .option('--bench <dir>', 'runs the task bench on this folder of features')
    .option('--seeds <n>', 'fit what draws at random so often; default: as the task says', parseCount)
    .option('--only <names>', 'detectors to run, by their labels, separated by commas', parseNames)
    .option('--backbones <names>', 'backbones to run, separated by commas', parseNames)
    .option('--limit <n>', 'rows of a set at most, to try a task', parseLimit)
    .option(
      '--jobs <n>',
      'cells at once, each in a process of its own; default: one for each core',
      parseCount,
    )
    .option('--threads <n>', 'threads of each process', parseCount, 1)
    .addOption(
      new Option('--overwrite <what>', 'cells that are there: add to them, make them anew, or refuse')
        .choices(['missing', 'always', 'never'])
        .default('missing'),
    )
    .option(
      '--scores <name=file>',
      'scores of another library beside ours, .npz or CSV; [BACKBONE/]NAME=FILE; repeatable',
      parseScores,
    )
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'print one JSON document on stdout, no progress');
  addRequiredOption(command, '--out <dir>', 'folder of the run').action(async (task: string, options) => {
    const { runRun } = await import('./run-run.ts');
    await runRun({ ...options, task: options.bench === undefined ? task : 'bench' }, io);
  });
}

function parseScores(text: string, before: readonly GivenScores[] = []): readonly GivenScores[] {
  const [, backbone, label, path] = /^(?:([^=/]+)\/)?([^=/]+)=(.+)$/.exec(text) ?? [];
  if (label === undefined || path === undefined)
    throw new InvalidArgumentError('expected NAME=FILE or BACKBONE/NAME=FILE.');
  return [...before, { label, path, ...(backbone !== undefined && { backbone }) }];
}

function parseLimit(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 20 || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('expected a whole number from 20 on.');
  return value;
}
