import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';

/** Defines `ood inspect`: what an ONNX model takes, gives and is made of, and whether its head could be proved. */
export function defineInspect(program: Command, io: Io): void {
  program
    .command('inspect')
    .description(
      'what an ONNX model takes and gives, its classification head and its proof, layers to choose from',
    )
    .argument('<model>', 'path of an .onnx file')
    .option('--layer <tensor>', 'tensor of the features; default: what the head reads, or the only output')
    .addOption(
      new Option('--head <mode>', 'whether to look for a classification head')
        .choices(['auto', 'require', 'none'])
        .default('auto'),
    )
    .option('--json', 'print one JSON document on stdout')
    .action(
      async (
        path: string,
        options: { layer?: string; head: 'auto' | 'require' | 'none'; json?: boolean },
      ) => {
        const { runInspect } = await import('./inspect/run-inspect.ts');
        const { layer, head } = options;
        await runInspect(
          { path, head, json: options.json === true, ...(layer !== undefined && { layer }) },
          io,
        );
      },
    );
}
