import { addRequiredOption, addThreadsOption, type Io } from '@ood/terminal';
import type { Command } from 'commander';
import {
  addAudioOption,
  addBoxOptions,
  addColumnOptions,
  addTextOptions,
  addTrustOptions,
  parseBox,
} from './options.ts';

/** Defines `ood check`: the verdict on single images. */
export function defineCheck(program: Command, io: Io): void {
  const command = program.command('check').description('the verdict of a guard on single images, or texts');
  addRequiredOption(command, '--guard <folder>', 'a guard made by `ood fit`');
  addAudioOption(addColumnOptions(addTextOptions(addBoxOptions(command))));
  addThreadsOption(addTrustOptions(command))
    .argument('[image...]', 'image files; - reads one from standard input')
    .option(
      '--features <file>',
      'vectors instead, for a guard of vectors: .npy, .npz, .safetensors, Arrow, Parquet, CSV',
    )
    .option('--box <x1,y1,x2,y2>', 'a box on the one image, judged instead of it; repeatable', parseBox)
    .option('--explain', 'say where each score comes from')
    .option('--fail-on-ood', 'exit with code 3 where any image is called OOD or refused')
    .option('--json', 'print one JSON document on stdout')
    .action(async (images: string[], options: { guard: string }) => {
      const { runCheck } = await import('./check/run-check.ts');
      await runCheck({ ...options, images }, io);
    });
}
