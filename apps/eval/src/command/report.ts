import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printable } from '@ood/core';
import { type Io, parseNames, requirePath } from '@ood/terminal';
import { type Command, Option } from 'commander';

interface ReportFlags {
  readonly backbones?: readonly string[];
  readonly only?: readonly string[];
  readonly title?: string;
  readonly notes?: string;
  readonly map: 'pca' | 'umap' | 'none';
}

/** Defines `ood-eval report`: a page for each backbone of a run, which opens from disk. */
export function defineReport(program: Command, io: Io): void {
  program
    .command('report')
    .description('a page to explore and to print for each backbone of a run, which opens from disk')
    .argument('<run>', 'folder of a run')
    .option('--backbones <names>', 'only these, separated by commas', parseNames)
    .option('--only <names>', 'detectors to show, by their labels, separated by commas', parseNames)
    .option('--title <text>', 'heading of the pages; default: the title of the task')
    .option('--notes <text>', 'text below the heading; default: the notes of the task')
    .addOption(
      new Option('--map <kind>', 'map of the features: by principal components, by UMAP (a minute), or none')
        .choices(['pca', 'umap', 'none'])
        .default('pca'),
    )
    .action(async (word: string, flags: ReportFlags) => {
      const { writeReports } = await import('../report/write-reports.ts');
      await requirePath(word, io, 'a folder of a run');
      const paths = await writeReports(resolve(io.cwd, word), {
        ...(flags.backbones && { backbones: flags.backbones }),
        ...(flags.only && { detectors: flags.only }),
        ...(flags.title && { title: flags.title }),
        ...(flags.notes && { notes: flags.notes }),
        map: flags.map,
        signal: io.signal,
      });
      for (const path of paths) io.stdout.write(`${printable(String(pathToFileURL(path)))}\n`);
    });
}
