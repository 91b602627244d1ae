import { addRequiredOption, addThreadsOption, type Io } from '@ood/terminal';
import type { Command } from 'commander';
import {
  addAudioOption,
  addBoxOptions,
  addColumnOptions,
  addTextOptions,
  addTrustOptions,
} from './options.ts';

/** Defines `ood score`: many images to a CSV file. */
export function defineScore(program: Command, io: Io): void {
  const command = program
    .command('score')
    .description(
      'score many images (texts, vectors) with a guard, into a file: CSV, JSON lines, Parquet, .npz or .npy',
    );
  addRequiredOption(command, '--guard <folder>', 'a guard made by `ood fit`');
  command
    .option('--images <source>', 'a folder, an archive, NAME:SPLIT of `ood datasets`, glyphs:SPLIT')
    .option(
      '--features <file>',
      'vectors, for a guard of vectors: .npy, .npz, .safetensors, Arrow, Parquet, CSV, a feature store',
    );
  addAudioOption(addColumnOptions(addTextOptions(addBoxOptions(command))));
  addRequiredOption(
    command,
    '--out <file>',
    '.csv, .jsonl, .parquet: id, is_ood, p_value, score, prediction, probability, refused; .npz: arrays of the same; .npy: scores',
  );
  addThreadsOption(addTrustOptions(command))
    .option('--json', 'print a summary as one JSON document on stdout, no progress')
    .action(async options => {
      const { runScore } = await import('./score/run-score.ts');
      await runScore(options, io);
    });
}
