import type { BackboneOptions, Pooling } from '@ood/features';
import { type Command, Option } from 'commander';
import { parseDimension } from './parse-options.ts';

/** How to find the features in a model, as given on the command line. */
export interface BackboneFlags {
  readonly layer?: string;
  readonly pooling?: Pooling;
  readonly dim?: Readonly<Record<string, number>>;
}

export function addBackboneOptions(command: Command): Command {
  return command
    .option('--layer <tensor>', 'tensor of the features; default: what the head reads, or the only output')
    .addOption(
      new Option(
        '--pooling <how>',
        'for features of tokens or maps; default: the first token, the mean of a map',
      ).choices(['cls', 'mean', 'mean-channels-last', 'none']),
    )
    .option(
      '--dim <name=size>',
      'size of a free dimension other than the batch, to try the model with; repeatable',
      parseDimension,
    );
}

export function backboneOptions({
  layer,
  pooling,
  dim,
}: BackboneFlags): Pick<BackboneOptions, 'layer' | 'pooling' | 'freeDimensions'> {
  return { layer, pooling, freeDimensions: dim };
}
