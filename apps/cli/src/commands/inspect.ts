import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { addBackboneOptions, type BackboneFlags, backboneOptions } from './backbone-options.ts';

/** Defines `ood inspect`: what an ONNX model takes, gives and is made of, and whether its head could be proved. */
export function defineInspect(program: Command, io: Io): void {
  const command = program
    .command('inspect')
    .description(
      'what an ONNX model takes and gives, its classification head and its proof, layers to choose from',
    )
    .argument('<model>', 'path of an .onnx file');
  addBackboneOptions(command)
    .addOption(
      new Option('--head <mode>', 'whether to look for a classification head')
        .choices(['auto', 'require', 'none'])
        .default('auto'),
    )
    .option('--json', 'print one JSON document on stdout')
    .action(
      async (
        path: string,
        options: BackboneFlags & { head: 'auto' | 'require' | 'none'; json?: boolean },
      ) => {
        const { runInspect } = await import('./inspect/run-inspect.ts');
        const { head, json = false } = options;
        await runInspect({ path, json, backbone: { head, ...backboneOptions(options) } }, io);
      },
    );
}
