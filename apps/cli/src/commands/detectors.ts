import type { Io } from '@ood/terminal';
import type { Command } from 'commander';

/** Defines `ood detectors`: every detector, or one, with what it needs and costs. */
export function defineDetectors(program: Command, io: Io): void {
  program
    .command('detectors')
    .description('every detector: family, what it is fitted on, what it costs; with a name, all about one')
    .argument('[name]', 'detector')
    .option('--json', 'print one JSON document on stdout')
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      const { runDetectors } = await import('./detectors/run-detectors.ts');
      runDetectors({ name, json: options.json === true }, io);
    });
}
