import { addRequiredOption, addThreadsOption, type Io } from '@ood/terminal';
import { type Command, Option } from 'commander';
import {
  addAudioOption,
  addBackboneOptions,
  addBoxCropOptions,
  addBoxOptions,
  addTextOptions,
  addTokenizerOptions,
  addWindowOptions,
} from './options.ts';

/** Defines `ood extract`: images or texts to a file of features, which goes on where it was interrupted. */
export function defineExtract(program: Command, io: Io): void {
  const command = program
    .command('extract')
    .description(
      'features of many images or texts, in a file that `ood fit` and `ood eval` read; goes on where it was interrupted',
    );
  addRequiredOption(command, '--model <file>', 'the pretrained model, .onnx');
  command.option('--images <source>', 'a folder, an archive, NAME:SPLIT of `ood datasets`, glyphs:SPLIT');
  addWindowOptions(addAudioOption(command));
  addTokenizerOptions(addTextOptions(command)).option(
    '--preprocess <name|file>',
    'cifar, imagenet, mnist, clip …, or a JSON file (ours, Hugging Face, timm)',
  );
  addBoxCropOptions(addBoxOptions(command));
  addThreadsOption(addBackboneOptions(command))
    .addOption(
      new Option('--element <type>', 'numbers of the file')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .option(
      '--classes <file>',
      "names of the model's classes, kept with the features: a line each, or JSON; default: id2label of a config.json beside the model",
    )
    .option('--overwrite', 'begin anew where other features are')
    .option('--json', 'print one JSON document on stdout, no progress');
  addRequiredOption(command, '--out <file>', 'the feature store, .arrow').action(async options => {
    const { runExtract } = await import('./extract/run-extract.ts');
    await runExtract(options, io);
  });
}
