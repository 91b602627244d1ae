import { TransformersError } from './errors.ts';

/** A pipeline of transformers.js: what its `pipeline(task, model)` returns. Known by its shape, so that any installed copy fits. */
export interface PipelineLike {
  (...args: never[]): Promise<unknown>;
  readonly task: string;
  readonly model: object;
}

/** A tensor of the engine. */
export interface NativeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
  getData?(): Promise<unknown>;
}

/** A session of the engine that transformers.js brings. */
export interface NativeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** As transformers.js notes it. */
  readonly config?: { readonly dtype?: string; readonly device?: string };
  run(feeds: unknown, ...rest: unknown[]): Promise<Record<string, NativeTensor>>;
  release(): Promise<void>;
}

/** The parts of a pipeline that a guard reads. */
export interface PipelineParts {
  readonly task: string;
  readonly model: {
    readonly config: {
      readonly id2label?: Readonly<Record<string, string>>;
      readonly label2id?: Readonly<Record<string, number>>;
      readonly problem_type?: string;
    };
    readonly sessions: { readonly model: NativeSession };
  };
  readonly tokenizer?:
    | ((texts: readonly string[], options: object) => Readonly<Record<string, { data: Iterable<unknown> }>>)
    | null;
  readonly processor?: {
    readonly image_processor?: { readonly config?: object } | null;
    readonly feature_extractor?: { readonly config?: object } | null;
  } | null;
  _call(...args: unknown[]): Promise<unknown>;
}

/**
 * What a guard reads of the model of each task that can be guarded: the input of its `head`, or the `embedding` that it puts out.
 */
export const tasks: Readonly<Record<string, 'head' | 'embedding'>> = {
  'text-classification': 'head',
  'image-classification': 'head',
  'audio-classification': 'head',
  'feature-extraction': 'embedding',
  'image-feature-extraction': 'embedding',
};

const reasons: Readonly<Record<string, readonly [got: string, advice: string]>> = {
  'zero-shot-classification': [
    'one that runs the model on pairs of a text and each candidate label: what is usual of a pair depends on the labels of the call',
    "guard the texts by themselves: a 'feature-extraction' pipeline of an embedder",
  ],
  'zero-shot-image-classification': [
    'one that compares an image with candidate labels: what is usual depends on the labels of the call',
    "guard the images by themselves: an 'image-feature-extraction' pipeline of the same model",
  ],
  'token-classification': [
    'one that judges tokens, not texts',
    "guard the texts: a 'feature-extraction' pipeline of the same model",
  ],
  'object-detection': [
    'one that finds any number of objects in an image',
    "guard the images ('image-feature-extraction'), or crop the boxes and guard the crops",
  ],
};

/** The pipeline, known to be one that can be guarded. @throws TransformersError `UNSUPPORTED_PIPELINE`, `INVALID_OPTION` */
export function requirePipeline(where: string, pipe: unknown): PipelineParts {
  const parts = pipe as PipelineParts;
  if (typeof pipe !== 'function' || typeof parts.task !== 'string' || typeof parts._call !== 'function')
    throw new TransformersError('INVALID_OPTION', {
      where,
      expected: 'a pipeline of transformers.js, as its pipeline(task, model) returns it',
      got: typeof pipe === 'object' && pipe !== null ? 'another object' : `a ${typeof pipe}`,
      advice: 'await the pipeline first',
    });
  const { task } = parts;
  if (!Object.hasOwn(tasks, task)) {
    const [got, advice] = reasons[task] ?? [
      'one that does not give one result per input',
      `take the features of its inputs: a 'feature-extraction' or 'image-feature-extraction' pipeline`,
    ];
    throw new TransformersError('UNSUPPORTED_PIPELINE', {
      where: `${where}, pipeline '${task}'`,
      expected: `a pipeline of ${Object.keys(tasks).join(', ')}`,
      got,
      advice,
      details: { task },
    });
  }
  const sessions = Object.keys((parts.model as { sessions?: object } | undefined)?.sessions ?? {});
  if (sessions.length !== 1 || sessions[0] !== 'model')
    throw new TransformersError('UNSUPPORTED_PIPELINE', {
      where: `${where}, pipeline '${task}'`,
      expected: 'a model of one graph',
      got: sessions.length === 0 ? 'none' : `one of ${sessions.join(', ')}`,
      advice: 'take a model that is exported as one file',
      details: { task, sessions },
    });
  return parts;
}

/** How many inputs a call of a pipeline has: a list is many, all else is one. */
export const countInputs = (inputs: unknown): number => (Array.isArray(inputs) ? inputs.length : 1);

/** Names of the classes in the order of the logits, where the configuration names them all. */
export function classNamesOf({ model }: PipelineParts, classes: number): string[] | undefined {
  const { id2label } = model.config;
  const names = Array.from({ length: classes }, (_, i) => id2label?.[i]);
  const known = names.filter((name): name is string => typeof name === 'string' && name !== '');
  return known.length === classes && new Set(known).size === classes ? known : undefined;
}

/** The arithmetic of a pipeline's model, as transformers.js names it. */
export const dtypeOf = ({ model }: PipelineParts): string => model.sessions.model.config?.dtype ?? 'fp32';
