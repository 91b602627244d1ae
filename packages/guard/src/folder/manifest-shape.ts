import { count, finite, oneOf, openUnit, portion, type Rule, text, whole } from '@ood/core';
import { each, nullOr, optional, type Shape } from './shape.ts';

const sha256: Rule = [value => isSha256(value), 'a SHA-256 (64 hexadecimal digits)'];
const someText: Rule = [value => typeof value === 'string', 'a text'];
const dimension: Rule = [
  value => value === null || typeof value === 'string' || (Number.isSafeInteger(value) && Number(value) > 0),
  'a size, a name or null',
];
const elementType = oneOf(
  'float32',
  'float16',
  'uint8',
  'float64',
  'int8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
);
const hashes: Rule = [
  value =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isSha256),
  'an object that gives the SHA-256 of each file',
];
const numbers: Rule = [
  value =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(entry => typeof entry === 'number'),
  'an object of numbers',
];
const someObject: Rule = [
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
];
const tensor = { name: text, type: someText, dims: each(dimension) };

/** What `guard.json` must look like, all of what is read of it. */
export const MANIFEST_SHAPE: Shape = {
  madeBy: { runtime: someText, threads: nullOr(whole) },
  backbone: {
    model: { sha256, bytes: count, source: someText },
    runtime: { name: someText, version: someText },
    inputs: each(tensor),
    layer: someText,
    pooling: oneOf('none', 'cls', 'last', 'mean', 'mean-channels-last'),
    featureSize: whole,
    head: someObject,
  },
  input: { ...tensor, type: elementType },
  inputs: optional(each({ ...tensor, type: elementType })),
  featureSize: whole,
  classes: nullOr(whole),
  classNames: nullOr(each(someText)),
  origin: optional(someObject),
  columns: optional(each(text)),
  preprocessing: nullOr(someObject),
  preprocessingHash: nullOr(sha256),
  detector: {
    name: text,
    title: someText,
    paper: someText,
    reads: each(oneOf('features', 'logits')),
    fitted: numbers,
  },
  scoredBy: oneOf('graph', 'detector'),
  calibration: {
    alpha: openUnit,
    threshold: finite,
    count: whole,
    rank: whole,
    expectedRate: portion,
    rateBand: { low: portion, high: portion, confidence: openUnit },
    source: oneOf('unseen', 'held-out'),
    guarantee: someText,
    rows: { given: count, repeated: count, seen: count },
  },
  power: { rows: count, shuffled: portion, reversed: portion },
  warnings: each({ code: text, message: text }),
  parity: nullOr({
    rows: count,
    logits: nullOr(finite),
    score: { maxDifference: finite, inDeviations: finite },
    pValue: portion,
    decisions: count,
  }),
  trainingClasses: nullOr(each(someText)),
  trainingRows: count,
  refused: { train: count, calibration: count },
  seed: count,
  files: hashes,
};

/** 64 hexadecimal digits, lower case. */
export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
