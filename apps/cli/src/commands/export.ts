import { addRequiredOption, addThreadsOption, type Io } from '@ood/terminal';
import type { Command } from 'commander';
import { addTrustOptions } from './options.ts';

/** Defines `ood export`: a guard as one ONNX file. */
export function defineExport(program: Command, io: Io): void {
  const command = program
    .command('export')
    .description('a guard as one ONNX file: image tensor → logits, score, p_value, is_ood');
  addRequiredOption(command, '--guard <folder>', 'a guard made by `ood fit`');
  addRequiredOption(command, '--out <file>', 'the .onnx file; <file>.parity.json is written beside it');
  addThreadsOption(addTrustOptions(command))
    .option(
      '--images <source>',
      'images on which the file is compared with the guard; default: synthetic ones',
    )
    .option('--json', 'print the parity report on stdout, no progress')
    .action(async options => {
      const { runExport } = await import('./export/run-export.ts');
      await runExport(options, io);
    });
}
