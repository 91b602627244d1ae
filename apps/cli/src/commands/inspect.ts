import { addThreadsOption, type Io } from '@ood/terminal';
import type { Command } from 'commander';
import { addBackboneOptions, type BackboneFlags, backboneOptions } from './options.ts';

/** Defines `ood inspect`: what an ONNX model takes, gives and is made of, and whether its head could be proved. */
export function defineInspect(program: Command, io: Io): void {
  const command = program
    .command('inspect')
    .description(
      'what an ONNX model takes and gives, its classification head and its proof, layers to choose from',
    )
    .argument('<model>', 'path of an .onnx file');
  addThreadsOption(addBackboneOptions(command))
    .option('--json', 'print one JSON document on stdout')
    .action(async (path: string, options: BackboneFlags & { threads?: number; json?: boolean }) => {
      const { runInspect } = await import('./inspect/run-inspect.ts');
      const { threads, json = false } = options;
      await runInspect({ path, json, backbone: { ...backboneOptions(options), threads } }, io);
    });
}
