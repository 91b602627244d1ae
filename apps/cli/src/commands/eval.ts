import { addThreadsOption, type Io, parseCount, parseNames, parseSeed } from '@ood/terminal';
import type { Command } from 'commander';
import { type Layers, layersOption } from './options.ts';

interface EvalFlags {
  readonly near?: readonly string[];
  readonly detectors?: readonly string[];
  readonly out: string;
  readonly model?: string;
  readonly layers?: Layers;
  readonly seed: number;
  readonly seeds: number;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Defines `ood eval`: detectors side by side on features from a folder. */
export function defineEval(program: Command, io: Io): void {
  const command = program
    .command('eval')
    .description('compare detectors on a folder of features: id-train, id-test and ood-<name> as .npy files');
  addThreadsOption(command)
    .argument(
      '<folder>',
      'folder with <set>.features.npy and, where there are any, .logits.npy and .labels.npy',
    )
    .option(
      '--near <names>',
      'OOD sets that are near, separated by commas; the others count as far',
      parseNames,
    )
    .option(
      '--detectors <names>',
      'which to compare, separated by commas, or all; default: fde and four baselines',
      parseNames,
    )
    .option('--model <file>', 'the model that the features come from, for detectors that read its head')
    .addOption(layersOption('with --model: further layers that the features were extracted with'))
    .option('--out <dir>', 'folder for report.html and results.json', 'ood-eval')
    .option('--seed <n>', 'seed of everything random', parseSeed, 1)
    .option('--seeds <n>', 'fit what draws at random so often, with the seeds from --seed on', parseCount, 1)
    .option('--json', 'print results as one JSON document on stdout, no progress')
    .action(async (folder: string, { json = false, ...flags }: EvalFlags) => {
      const { runEval } = await import('./eval/run-eval.ts');
      await runEval({ folder, ...flags, json }, io);
    });
}
