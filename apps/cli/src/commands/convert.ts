import { addRequiredOption, type Io } from '@ood/terminal';
import type { Command } from 'commander';
import { parseDimension } from './options.ts';

/** Defines `ood convert`: a model of TensorFlow.js as an ONNX file. */
export function defineConvert(program: Command, io: Io): void {
  const command = program
    .command('convert')
    .description(
      'a model of TensorFlow.js (layers or graph model) as an ONNX file, compared with the original',
    )
    .argument('<model.json>', 'the model, its files of weights beside it')
    .option(
      '--dim <name=size>',
      'size of a dimension that the model leaves free beside the batch, e.g. image:1=224; repeatable',
      parseDimension,
    );
  addRequiredOption(command, '--out <file>', 'the .onnx file')
    .option('--overwrite', 'replace a file that is there')
    .option('--json', 'print the parity report as one JSON document on stdout')
    .action(async (model: string, options: { out: string }) => {
      const { runConvert } = await import('./convert/run-convert.ts');
      await runConvert({ ...options, model }, io);
    });
}
