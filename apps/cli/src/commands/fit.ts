import { addRequiredOption, addThreadsOption, type Io, parseAlpha, parseSeed } from '@ood/terminal';
import type { Command } from 'commander';
import {
  addAudioOption,
  addBackboneOptions,
  addBoxCropOptions,
  addBoxOptions,
  addColumnOptions,
  addTextOptions,
  addTokenizerOptions,
  addWindowOptions,
} from './options.ts';

/** Defines `ood fit`: a model and ID images to a guard. */
export function defineFit(program: Command, io: Io): void {
  const command = program
    .command('fit')
    .description('make a guard from any model and in-distribution images or texts, or from vectors alone');
  command
    .option(
      '--model <file>',
      'the pretrained model: .onnx, or model.json of TensorFlow.js; left out for a guard of the vectors of --features themselves',
    )
    .option(
      '--images <source>',
      'ID images to fit on: a folder, an archive, NAME:SPLIT of `ood datasets`, glyphs:SPLIT',
    )
    .option(
      '--features <file>',
      'ID features extracted before, or any vectors, instead: a feature store, .npy, .npz, .safetensors, Arrow, Parquet or CSV',
    )
    .option('--logits <file>', 'logits of the rows of --features, where they have none: .npy, or as features')
    .option('--labels <file>', 'labels of the rows of --features, where they have none: .npy')
    .option(
      '--calibrate <source>',
      'ID images (or texts, or a feature file) that the model was not trained on; without them the false-alarm rate is not guaranteed',
    )
    .option(
      '--preprocess <name|file>',
      'cifar, imagenet, mnist, clip …, or a JSON file (ours, Hugging Face, timm)',
    )
    .option(
      '--detector <name>',
      'method; default: fde-fused where the model has a head of several classes, else fde',
    );
  addBoxCropOptions(
    addBoxOptions(command).option(
      '--calibrate-boxes <file>',
      'boxes on the images of --calibrate, for a guard of boxes',
    ),
  );
  addWindowOptions(addAudioOption(command));
  addTokenizerOptions(addTextOptions(command));
  addThreadsOption(addBackboneOptions(addColumnOptions(command)))
    .option('--alpha <share>', 'largest tolerated share of false alarms', parseAlpha, 0.05)
    .option('--seed <n>', 'seed of everything random', parseSeed, 1)
    .option(
      '--classes <file>',
      "names of the model's classes: a line each, or JSON; default: id2label of a config.json beside the model",
    )
    .option('--sign <file>', 'Ed25519 private key (PEM) that signs the guard')
    .option('--overwrite', 'replace a guard that is there')
    .option('--json', 'print one JSON document on stdout, no progress');
  addRequiredOption(command, '--out <folder>', 'the guard').action(async options => {
    const { runFit } = await import('./fit/run-fit.ts');
    await runFit(options, io);
  });
}
