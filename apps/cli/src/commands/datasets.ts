import type { Io } from '@ood/terminal';
import type { Command } from 'commander';

/** Defines `ood datasets …`: the catalog of public data sets and their files on this machine. */
export function defineDatasets(program: Command, io: Io): void {
  const datasets = program
    .command('datasets')
    .description('public data sets: what they are, and their verified files on this machine');

  datasets
    .command('list')
    .description('name, size and state of every data set')
    .option('--json', 'print one JSON document on stdout')
    .action(async (options: { json?: boolean }) => {
      const { runList } = await import('./datasets/run-list.ts');
      await runList({ json: options.json === true }, io);
    });

  datasets
    .command('info')
    .description('license, citation, files, splits, use in the literature, and what is not verified')
    .argument('<name>', 'data set')
    .option('--json', 'print one JSON document on stdout')
    .action(async (name: string, options: { json?: boolean }) => {
      const { runInfo } = await import('./datasets/run-info.ts');
      await runInfo({ name, json: options.json === true }, io);
    });

  datasets
    .command('download')
    .description('download what is missing (resumes), verify it, and print where it is')
    .argument('<name...>', 'data sets')
    .option('--split <split>', 'only the files of this split')
    .option('--json', 'print one JSON document on stdout, no progress')
    .action(async (names: string[], options: { split?: string; json?: boolean }) => {
      const { runDownload } = await import('./datasets/run-download.ts');
      await runDownload({ names, split: options.split, json: options.json === true }, io);
    });

  datasets
    .command('verify')
    .description('read every file that is there and compare it with its checksum')
    .argument('[name...]', 'data sets; default: all that have files here')
    .option('--json', 'print one JSON document on stdout, no progress')
    .action(async (names: string[], options: { json?: boolean }) => {
      const { runVerify } = await import('./datasets/run-verify.ts');
      await runVerify({ names, json: options.json === true }, io);
    });

  datasets
    .command('overlap')
    .description('images that two sets share, exactly or nearly: look before a benchmark')
    .argument('<a>', 'a folder or archive of images, glyphs:SPLIT, or NAME:SPLIT of the catalog')
    .argument('<b>', 'another')
    .option('--fail-on-overlap', 'exit with code 3 where any image is shared')
    .option('--json', 'print one JSON document on stdout, no progress')
    .action(async (a: string, b: string, options: { failOnOverlap?: boolean; json?: boolean }) => {
      const { runOverlap } = await import('./datasets/run-overlap.ts');
      const { failOnOverlap = false, json = false } = options;
      await runOverlap({ a, b, failOnOverlap, json }, io);
    });

  datasets
    .command('path')
    .description('print the folder of all data, or of one data set')
    .argument('[name]', 'data set')
    .action(async (name: string | undefined) => {
      const { runPath } = await import('./datasets/run-info.ts');
      runPath({ name }, io);
    });
}
