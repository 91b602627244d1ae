import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printable } from '@ood/core';
import { type Io, parseNames, requirePath } from '@ood/terminal';
import type { Command } from 'commander';

/** Defines `ood-eval report`: a page for each backbone of a run, which opens from disk. */
export function defineReport(program: Command, io: Io): void {
  program
    .command('report')
    .description('a page of tables, histograms and curves for each backbone of a run, which opens from disk')
    .argument('<run>', 'folder of a run')
    .option('--backbones <names>', 'only these, separated by commas', parseNames)
    .option('--only <names>', 'detectors to show, by their labels, separated by commas', parseNames)
    .action(async (word: string, only: { backbones?: readonly string[]; only?: readonly string[] }) => {
      const { writeReports } = await import('../report/write-reports.ts');
      await requirePath(word, io, 'a folder of a run');
      const paths = await writeReports(resolve(io.cwd, word), {
        ...(only.backbones && { backbones: only.backbones }),
        ...(only.only && { detectors: only.only }),
        signal: io.signal,
      });
      for (const path of paths) io.stdout.write(`${printable(String(pathToFileURL(path)))}\n`);
    });
}
