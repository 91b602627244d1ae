import { resolve } from 'node:path';
import { formatTable, GateMissedError, type Io, requirePath, writeJson } from '@ood/terminal';
import { type Command, InvalidArgumentError } from 'commander';

interface CompareFlags {
  readonly tolerance: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Defines `ood-eval compare`: two runs, figure by figure; a gate for anyone's CI. */
export function defineCompare(program: Command, io: Io): void {
  program
    .command('compare')
    .description(
      'compares two runs figure by figure; exit code 3 where the second is worse by more than the tolerance',
    )
    .argument('<before>', 'folder of a run, or its results.json')
    .argument('<after>', 'another')
    .option('--tolerance <points>', 'loss in percentage points that is none', parsePoints, 0.5)
    .option('--all', 'also show what did not change by more than the tolerance')
    .option('--json', 'print one JSON document on stdout')
    .action(async (before: string, after: string, { tolerance, all = false, json = false }: CompareFlags) => {
      const { readSummary } = await import('../summary/read-summary.ts');
      const { compareRuns } = await import('../compare/compare-runs.ts');
      const read = async (word: string) => {
        await requirePath(word, io, 'a folder of a run, or its results.json');
        return readSummary(resolve(io.cwd, word));
      };
      const compared = compareRuns(await read(before), await read(after), { tolerance: tolerance / 100 });
      const { differences, onlyBefore, onlyAfter, sameTask } = compared;
      const worse = differences.filter(one => one.worse);
      if (json) writeJson(io, { ...compared, tolerance: tolerance / 100 });
      else {
        if (!sameTask) io.stderr.write('note: the two are of different tasks\n');
        const shown = differences.filter(one => all || Math.abs(one.after - one.before) > tolerance / 100);
        const rows = shown.map(({ backbone, detector, set, metric, ...figures }) => [
          backbone,
          detector,
          set,
          metric === 'auroc' ? 'AUROC' : 'FPR95',
          percent(figures.before),
          percent(figures.after),
          signed(figures.after - figures.before),
          figures.worse ? 'worse' : '',
        ]);
        const titles = ['backbone', 'detector', 'set', 'figure', 'before', 'after', 'change', ''];
        const columns = titles.map((title, i) => ({
          title,
          align: i < 4 || i === 7 ? ('left' as const) : ('right' as const),
        }));
        if (rows.length > 0) io.stdout.write(`${formatTable(columns, rows)}\n\n`);
        io.stdout.write(
          `${differences.length} figures compared, ${worse.length} worse by more than ${tolerance} points` +
            `${onlyBefore.length + onlyAfter.length > 0 ? `; ${onlyBefore.length} are only in the first, ${onlyAfter.length} only in the second` : ''}\n`,
        );
      }
      if (worse.length > 0)
        throw new GateMissedError(
          `${worse.length} of ${differences.length} figures are worse by more than ${tolerance} points`,
        );
    });
}

function parsePoints(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 100))
    throw new InvalidArgumentError('expected percentage points, a number from 0 to below 100.');
  return value;
}

const percent = (value: number) => (value * 100).toFixed(2);
const signed = (value: number) => `${value < 0 ? '−' : '+'}${percent(Math.abs(value))}`;
