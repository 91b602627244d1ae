import {
  anything,
  flag,
  listOf,
  oneOf,
  type Rule,
  requireOption,
  requireOptions,
  text,
  whole,
} from '@ood/core';
import { describeMethod } from '@ood/detectors';
import { type PresetName, parsePreprocessing, preset, presetNames } from '@ood/features';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { BenchmarkError } from '../errors.ts';
import type { ModelSource, SetSource, Task, TaskBackbone, TaskDetector, TaskSets } from './task.ts';

const object: Rule = [
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
];
const some: Rule = [value => Array.isArray(value) && value.length > 0, 'a list of at least one'];
const sha256: Rule = [
  value => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  '64 hexadecimal digits',
];
const layers: Rule = [
  value => value === 'stage-ends' || (Array.isArray(value) && value.every(one => typeof one === 'string')),
  '"stage-ends", or a list of tensors',
];
/** What becomes a folder's or file's name. */
const word: Rule = [
  value => typeof value === 'string' && /^[\w.+-][\w.+ -]{0,99}$/.test(value) && !/^\.+$/.test(value),
  'a name of letters, digits, dots, dashes and spaces',
];

const TASK = {
  kind: oneOf('ood-task'),
  version: [value => value === 1, '1, the only version'] as Rule,
  name: word,
  title: text,
  notes: text,
  backbones: some,
  sets: object,
  near: listOf(text),
  detectors: some,
  seeds: whole,
};
const BACKBONE = {
  name: word,
  model: object,
  features: text,
  preprocess: anything,
  layer: text,
  layers,
  head: oneOf('auto', 'require', 'none'),
  pooling: oneOf('cls', 'mean', 'mean-channels-last', 'none'),
};
const MODELS = {
  file: { file: text, howTo: text },
  url: { url: text, sha256, bytes: whole, license: text },
  glyphs: { glyphs: flag },
};
const SETS = {
  dataset: { dataset: text, split: text, keepOverlap: flag },
  folder: { folder: text },
  archive: { archive: text },
  list: { list: text, root: text },
  glyphs: { glyphs: text },
};
const DETECTOR = { label: word, method: text, options: object };

/**
 * A task from JSON, in which comments and trailing commas are allowed.
 *
 * @param where path or name of the file, for messages
 * @throws BenchmarkError `CORRUPT_FILE` for no JSON, with line and column, `DUPLICATE_NAME`, `NOT_A_BENCHMARK` for a task that cannot be
 *   run; CoreError `INVALID_OPTION` naming the member; DetectorsError `UNKNOWN_DETECTOR`; the FeaturesError of a preprocessing
 */
export function parseTask(json: string, where: string): Task {
  const errors: ParseError[] = [];
  const value: unknown = parse(json, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    const before = json.slice(0, first.offset).split('\n');
    throw new BenchmarkError('CORRUPT_FILE', {
      where,
      expected: 'a task as JSON',
      got: `${printParseErrorCode(first.error)} in line ${before.length}, column ${before.at(-1)!.length + 1}`,
      advice: 'correct it there',
    });
  }
  return checkTask(value, where);
}

/** As `parseTask`, of a value. */
export function checkTask(value: unknown, where: string): Task {
  requireOption(where, 'task', value, object);
  const given = value as Record<string, unknown>;
  requireOptions(where, given, TASK);
  for (const needed of ['kind', 'version', 'name', 'backbones', 'detectors'] as const)
    requireOption(where, needed, given[needed], TASK[needed]);
  const { name, title, notes, near, seeds = 1 } = given as unknown as Task;
  const sets = given.sets === undefined ? undefined : checkSets(given.sets, where);
  const backbones = (given.backbones as unknown[]).map((one, i) =>
    checkBackbone(one, { where: `${where}, backbone ${i + 1}`, hasSets: sets !== undefined }),
  );
  const detectors = (given.detectors as unknown[]).map((one, i) =>
    checkDetector(one, `${where}, detector ${i + 1}`),
  );
  requireDistinct(
    backbones.map(one => one.name),
    'backbones',
    where,
  );
  requireDistinct(
    detectors.map(one => one.label),
    'detectors',
    where,
  );
  if (sets)
    requireDistinct(
      sets.ood.map(one => one.name),
      'OOD sets',
      where,
    );
  return {
    kind: 'ood-task',
    version: 1,
    name,
    ...(title !== undefined && { title }),
    ...(notes !== undefined && { notes }),
    backbones,
    ...(sets && { sets }),
    ...(near && { near }),
    detectors,
    seeds,
  };
}

function checkBackbone(
  value: unknown,
  { where, hasSets }: { where: string; hasSets: boolean },
): TaskBackbone {
  requireOption(where, 'backbone', value, object);
  const given = value as Record<string, unknown>;
  requireOptions(where, given, BACKBONE);
  requireOption(where, 'name', given.name, word);
  const { model, features, preprocess } = given;
  const needs = (expected: string, got: string) =>
    new BenchmarkError('NOT_A_BENCHMARK', { where, expected, got, advice: 'add it to the task' });
  if (features === undefined && model === undefined)
    throw needs('a model, or a folder of features', 'neither');
  if (features === undefined && !hasSets)
    throw needs('sets of images for a backbone without features', 'none');
  if (features === undefined && preprocess === undefined)
    throw needs('preprocess: what turns images into the input of its model', 'none');
  return {
    ...(given as unknown as TaskBackbone),
    ...(model !== undefined && {
      model: checkOneOf(model, MODELS, `${where}, model`) as unknown as ModelSource,
    }),
    ...(preprocess !== undefined && { preprocess: checkPreprocess(preprocess, where) }),
  };
}

function checkPreprocess(value: unknown, where: string): NonNullable<TaskBackbone['preprocess']> {
  const name = oneOf(...presetNames);
  if (typeof value === 'string') {
    requireOption(where, 'preprocess', value, name);
    return value as PresetName;
  }
  if (typeof value !== 'object' || value === null || !('preset' in value)) return parsePreprocessing(value);
  const { preset: base, ...parts } = value as { readonly preset: unknown };
  requireOption(where, 'preprocess.preset', base, name);
  return parsePreprocessing({ ...preset(base as PresetName), ...parts });
}

function checkSets(value: unknown, where: string): TaskSets {
  const inSets = `${where}, sets`;
  const given = value as Record<string, unknown>;
  requireOptions(inSets, given, { idTrain: object, idTest: object, ood: some });
  for (const needed of ['idTrain', 'idTest'] as const) requireOption(inSets, needed, given[needed], object);
  requireOption(inSets, 'ood', given.ood, some);
  return {
    idTrain: checkSet(given.idTrain, `${inSets}, idTrain`),
    idTest: checkSet(given.idTest, `${inSets}, idTest`),
    ood: (given.ood as unknown[]).map((one, i) => {
      const at = `${inSets}, ood ${i + 1}`;
      requireOption(at, 'set', one, object);
      const { name, group = 'far', ...source } = one as Record<string, unknown>;
      requireOption(at, 'name', name, word);
      requireOption(at, 'group', group, oneOf('near', 'far'));
      return { ...checkSet(source, at), name: name as string, group: group as 'near' | 'far' };
    }),
  };
}

function checkSet(value: unknown, where: string): SetSource {
  const { limit, ...source } = value as Record<string, unknown>;
  if (limit !== undefined) requireOption(where, 'limit', limit, whole);
  const checked = checkOneOf(source, SETS, where) as unknown as SetSource;
  return limit === undefined ? checked : { ...checked, limit: limit as number };
}

/** An object of one of several kinds, which its first known member tells. */
function checkOneOf(
  value: unknown,
  kinds: Readonly<Record<string, Readonly<Record<string, Rule>>>>,
  where: string,
): Record<string, unknown> {
  const given = value as Record<string, unknown>;
  const kind = Object.keys(kinds).find(key => key in given);
  if (kind === undefined)
    throw new BenchmarkError('INVALID_OPTION', {
      where,
      expected: `one of ${Object.keys(kinds).join(', ')}`,
      got: Object.keys(given).join(', ') || 'nothing',
      advice: 'say where it comes from',
    });
  const rules = kinds[kind]!;
  requireOptions(where, given, rules);
  const optional = ['howTo', 'bytes', 'license', 'keepOverlap'];
  for (const [name, rule] of Object.entries(rules))
    if (!optional.includes(name)) requireOption(where, name, given[name], rule);
  return given;
}

function checkDetector(value: unknown, where: string): TaskDetector {
  const given = typeof value === 'string' ? { method: value } : value;
  requireOption(where, 'detector', given, object);
  requireOptions(where, given as object, DETECTOR);
  const { method, options = {}, label = method } = given as Partial<TaskDetector>;
  requireOption(where, 'method', method, text);
  requireOption(where, 'label', label, word);
  const { defaults } = describeMethod(method!);
  const unknown = Object.keys(options).find(name => !(name in defaults));
  if (unknown !== undefined)
    throw new BenchmarkError('INVALID_OPTION', {
      where: `${where}, options`,
      expected: `options of ${method}: ${Object.keys(defaults).join(', ') || 'it has none'}`,
      got: JSON.stringify(unknown),
      advice: 'correct its name',
      details: { option: unknown },
    });
  return { label: label!, method: method!, options };
}

function requireDistinct(names: readonly string[], what: string, where: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new BenchmarkError('DUPLICATE_NAME', {
      where,
      expected: `${what} of different names`,
      got: `${JSON.stringify(twice)} twice`,
      advice: 'name one otherwise (label, for a detector)',
      details: { name: twice },
    });
}
