import type { BackboneOptions, Box, ColumnNames, FixedInputs, Pooling } from '@ood/features';
import { parseNames } from '@ood/terminal';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** How to find the features in a model, as given on the command line. */
export interface BackboneFlags {
  readonly layer?: string;
  readonly layers?: Layers;
  readonly pooling?: Pooling;
  readonly dim?: Readonly<Record<string, number>>;
  readonly input?: FixedInputs;
  readonly head?: HeadMode;
  readonly tolerance?: number;
}

export type Layers = NonNullable<BackboneOptions['layers']>;
type HeadMode = NonNullable<BackboneOptions['head']>;

/** Which columns of a table hold what, as given on the command line. */
export interface ColumnFlags {
  readonly columns?: readonly string[];
  readonly idColumn?: string;
  readonly labelColumn?: string;
}

/** Beside `addTextOptions`, which has the column of labels. */
export function addColumnOptions(command: Command): Command {
  return command
    .option(
      '--columns <names>',
      'of --features in a table: the columns of numbers, or the one of lists, separated by commas; default: features, else all of numbers',
      parseNames,
    )
    .option('--id-column <name>', 'of --features in a table: the column of ids; default: id or ids');
}

/** The columns as `openFeatureFile` takes them. */
export function columnNames({ columns, idColumn, labelColumn }: ColumnFlags): ColumnNames {
  return { features: columns, ids: idColumn, labels: labelColumn };
}

export function addBackboneOptions(command: Command): Command {
  return command
    .option('--layer <tensor>', 'tensor of the features; default: what the head reads, or the only output')
    .addOption(layersOption())
    .addOption(
      new Option(
        '--pooling <how>',
        'for features of tokens or maps; default: the first token, the mean of a map',
      ).choices(['cls', 'last', 'mean', 'mean-channels-last', 'none']),
    )
    .option(
      '--dim <name=size>',
      'size of a free dimension other than the batch, to try the model with; repeatable',
      parseDimension,
    )
    .option(
      '--input <name=value>',
      'value of an input that is the same for every sample, e.g. sr=16000; several, by commas, for each element; repeatable',
      parseInput,
    )
    .addOption(
      new Option('--head <mode>', 'whether to look for a classification head')
        .choices(['auto', 'require', 'none'])
        .default('auto'),
    )
    .option(
      '--tolerance <share>',
      'how far W·f + b may be from the logits, as a share of the largest; default: 0.001, or 0.1 for a quantized model',
      parseTolerance,
    );
}

/** `--layers`, for whatever opens a model. */
export function layersOption(what = 'further layers to join to the features'): Option {
  return new Option(
    '--layers <which>',
    `${what}: stage-ends, or names of tensors separated by commas`,
  ).argParser((text: string): Layers => (text === 'stage-ends' ? text : parseNames(text)));
}

export function backboneOptions({
  layer,
  layers,
  pooling,
  dim,
  head,
  tolerance,
  input,
}: BackboneFlags): Pick<
  BackboneOptions,
  'layer' | 'layers' | 'pooling' | 'freeDimensions' | 'head' | 'tolerance' | 'inputs'
> {
  return {
    layer,
    layers,
    pooling,
    freeDimensions: dim,
    head,
    ...(tolerance !== undefined && { tolerance }),
    ...(input && { inputs: input }),
  };
}

/** Boxes on images, as given on the command line. */
export interface BoxFlags {
  readonly boxes?: string;
  readonly boxImages?: string;
}

export function addBoxOptions(command: Command): Command {
  return command
    .option('--boxes <file>', 'boxes on the images, judged instead of whole images: CSV, JSON, or COCO')
    .option('--box-images <file>', 'COCO file that names the images of COCO detection results');
}

/** How boxes are cut out, as given on the command line. */
export interface BoxCropFlags {
  readonly boxMargin?: number;
  readonly boxSquare?: boolean;
}

export function addBoxCropOptions(command: Command): Command {
  return command
    .option(
      '--box-margin <share>',
      'context on each side of a box, as a share of its size; default: 0',
      parseMargin,
    )
    .option('--box-square', 'make boxes square, around their center, by more context');
}

/** Parses a margin: a number from 0 to 10. */
export function parseMargin(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 10)) {
    throw new InvalidArgumentError('expected a number from 0 to 10, e.g. 0.1.');
  }
  return value;
}

/** Parses `X1,Y1,X2,Y2`, and adds it to the boxes given before. Whether it is a box is found out at the image. */
export function parseBox(text: string, before: readonly Box[] = []): readonly Box[] {
  const values = text.split(',').map(value => (value.trim() === '' ? Number.NaN : Number(value)));
  const [x1, y1, x2, y2] = values;
  if (values.length !== 4 || values.some(Number.isNaN)) {
    throw new InvalidArgumentError('expected X1,Y1,X2,Y2 in pixels, e.g. 10,20,110,90.');
  }
  return [...before, { x1: x1!, y1: y1!, x2: x2!, y2: y2! }];
}

/** Recordings and their windows, as given on the command line. */
export interface AudioFlags {
  readonly audio?: string;
  readonly window?: number;
  readonly hop?: number;
}

export function addAudioOption(command: Command): Command {
  return command.option(
    '--audio <source>',
    'recordings, window by window: a folder, an archive or a file, WAV or FLAC',
  );
}

export function addWindowOptions(command: Command): Command {
  return command
    .option(
      '--window <seconds>',
      'length of a window of a recording; default: of the preprocessing',
      parseSeconds,
    )
    .option(
      '--hop <seconds>',
      'from one window to the next; default: of the preprocessing, or half of --window',
      parseSeconds,
    );
}

/** Parses a duration: a number of seconds above 0, at most an hour. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 3600)) {
    throw new InvalidArgumentError('expected a number of seconds above 0, at most 3600.');
  }
  return value;
}

/** Adds where texts come from. */
export function addTextOptions(command: Command): Command {
  return command
    .option('--text <file>', 'texts: JSON lines, CSV or plain lines; - reads standard input')
    .option('--text-column <name>', 'column or member of the texts; default: text')
    .option('--label-column <name>', 'column or member of the labels, of texts and tables; default: label');
}

/** Adds how texts become tokens. */
export function addTokenizerOptions(command: Command): Command {
  return command
    .option(
      '--tokenizer <path>',
      'tokenizer.json of Hugging Face, or its folder; default: the one beside the model',
    )
    .option(
      '--max-length <tokens>',
      'most tokens of a text; default: what the files of the tokenizer and the model say',
      parseMaxLength,
    );
}

/** Parses a number of tokens. */
export function parseMaxLength(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number of tokens, at least 1.');
  return value;
}

/** How a guard is to be known, as given on the command line. */
export interface TrustFlags {
  readonly digest?: string;
  readonly verify?: string;
}

export function addTrustOptions(command: Command): Command {
  return command
    .option('--digest <sha256>', 'the digest that the guard must have, as `ood fit` printed it', parseDigest)
    .option('--verify <file>', 'Ed25519 public key (PEM) that must have signed the guard');
}

function parseDigest(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new InvalidArgumentError('expected 64 hexadecimal digits, lower case, as `ood fit` printed them.');
  }
  return text;
}

/** Parses how far a head may be from what the graph computes: a number above 0, at most 1. */
export function parseTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) {
    throw new InvalidArgumentError('expected a number above 0, at most 1, e.g. 0.01.');
  }
  return value;
}

/** Parses `NAME=SIZE`, and adds it to the sizes given before. */
export function parseDimension(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const [, name, size] = /^(.+)=(\d+)$/.exec(text) ?? [];
  if (name === undefined || !(Number(size) >= 1 && Number.isSafeInteger(Number(size)))) {
    throw new InvalidArgumentError('expected NAME=SIZE, e.g. height=224.');
  }
  return { ...before, [name]: Number(size) };
}

/** Parses `NAME=VALUE`, or `NAME=VALUE,VALUE,…`, and adds it to those given before. */
export function parseInput(text: string, before: FixedInputs = {}): FixedInputs {
  const [, name, list = ''] = /^(.+?)=([^=]+)$/.exec(text) ?? [];
  const values = list.split(',').map(value => (value.trim() === '' ? Number.NaN : Number(value)));
  if (name === undefined || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError('expected NAME=VALUE with a number, e.g. sr=16000.');
  }
  return { ...before, [name]: values.length === 1 ? values[0]! : values };
}
