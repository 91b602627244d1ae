import { extname } from 'node:path';
import { encodeNpy, encodeNpyTexts, parseNpyHeader } from '@ood/core';
import { openPlainFile, writeWholeFile } from '@ood/core/node';
import type { Outcome } from '@ood/guard';
import { zipSync } from 'fflate';
import { CliError } from '../../errors.ts';
import { predictionCell } from '../guard/describe-prediction.ts';
import { csvLine, writeCsv } from './csv-file.ts';

const COLUMNS = ['id', 'is_ood', 'p_value', 'score', 'prediction', 'probability', 'refused'] as const;
/** Says in a Parquet file that it is one of these. */
const MARK = 'ood-scores';

/** How scores are written, and how a file that was written so is known. */
interface Format {
  write(path: string, outcomes: AsyncIterable<Outcome>): Promise<void>;
  isOne(start: Uint8Array, whole: () => Promise<Uint8Array>): boolean | Promise<boolean>;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const startsWith = (bytes: Uint8Array, start: string) => text(bytes.subarray(0, start.length)) === start;
const expected = 'to write the scores';

const FORMATS: Readonly<Record<string, Format>> = {
  '.csv': {
    write: (path, outcomes) => writeCsv(path, csvRows(outcomes)),
    isOne: start => startsWith(start, csvLine(COLUMNS)),
  },
  '.jsonl': {
    write: (path, outcomes) => writeWholeFile(path, jsonLines(outcomes), { expected }),
    isOne: start => /^\{"id":.*"is_ood":/.test(text(start)),
  },
  '.npy': {
    async write(path, outcomes) {
      const { score } = await collected(outcomes);
      await writeWholeFile(path, encodeNpy({ shape: [score.length], data: Float64Array.from(score) }), {
        expected,
      });
    },
    isOne: start => {
      const { type, shape } = parseNpyHeader(start, 'scores');
      return type === 'float64' && shape.length === 1;
    },
  },
  '.npz': {
    async write(path, outcomes) {
      const { id, is_ood, p_value, score, refused } = await collected(outcomes);
      const numbers = (values: number[]) =>
        encodeNpy({ shape: [values.length], data: Float64Array.from(values) });
      const flags = (values: boolean[]) =>
        encodeNpy({ type: 'bool', shape: [values.length], data: Uint8Array.from(values, Number) });
      const arrays = {
        id: encodeNpyTexts(id),
        is_ood: flags(is_ood.map(value => value === true)),
        p_value: numbers(p_value),
        score: numbers(score),
        refused: flags(refused.map(value => value !== null)),
      };
      const files = Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]);
      await writeWholeFile(path, zipSync(Object.fromEntries(files), { level: 1 }), { expected });
    },
    isOne: async (start, whole) =>
      startsWith(start, 'PK') && text((await whole()).subarray(-1024)).includes('is_ood.npy'),
  },
  '.parquet': {
    async write(path, outcomes) {
      const { parquetWriteBuffer } = await import('hyparquet-writer');
      const { id, is_ood, p_value, score, prediction, probability, refused } = await collected(outcomes);
      const orNull = (values: number[]) => values.map(value => (Number.isNaN(value) ? null : value));
      const buffer = parquetWriteBuffer({
        columnData: [
          { name: 'id', data: id, type: 'STRING', nullable: false },
          { name: 'is_ood', data: is_ood, type: 'BOOLEAN', nullable: true },
          { name: 'p_value', data: orNull(p_value), type: 'DOUBLE', nullable: true },
          { name: 'score', data: orNull(score), type: 'DOUBLE', nullable: true },
          { name: 'prediction', data: prediction, type: 'STRING', nullable: true },
          { name: 'probability', data: orNull(probability), type: 'DOUBLE', nullable: true },
          { name: 'refused', data: refused, type: 'STRING', nullable: true },
        ],
        kvMetadata: [{ key: MARK, value: '1' }],
      });
      await writeWholeFile(path, new Uint8Array(buffer), { expected });
    },
    isOne: async (_start, whole) => text((await whole()).subarray(-65_536)).includes(MARK),
  },
};

/** How the scores in a file of this name are written. @throws CliError `INVALID_OPTION` for another ending */
export function scoresFormat(path: string): Format {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new CliError('INVALID_OPTION', {
    where: `--out ${path}`,
    expected: `a file that ends in ${Object.keys(FORMATS).join(', ')}`,
    got: extname(path) || 'no ending',
    advice: 'say by its ending what it is to be',
  });
}

/** Whether a file is one that this command wrote under this name. */
export async function isScores(path: string): Promise<boolean> {
  const file = await openPlainFile(path);
  try {
    const start = await file.read(0, Math.min(file.size, 4096));
    return await scoresFormat(path).isOne(start, () => file.read(0, file.size));
  } finally {
    await file.close();
  }
}

async function* csvRows(outcomes: AsyncIterable<Outcome>) {
  yield COLUMNS;
  for await (const outcome of outcomes) {
    const row = rowOf(outcome);
    yield COLUMNS.map(name => {
      const value = row[name];
      return value === null ? '' : typeof value === 'boolean' ? Number(value) : value;
    });
  }
}

async function* jsonLines(outcomes: AsyncIterable<Outcome>) {
  for await (const outcome of outcomes) yield `${JSON.stringify(rowOf(outcome))}\n`;
}

type Row = ReturnType<typeof rowOf>;

function rowOf(outcome: Outcome) {
  const { id } = outcome;
  if ('refusal' in outcome)
    return {
      id,
      is_ood: null,
      p_value: null,
      score: null,
      prediction: null,
      probability: null,
      refused: outcome.refusal.code,
    };
  const { isOod, pValue, score, prediction } = outcome.verdict;
  return {
    id,
    is_ood: isOod,
    p_value: pValue,
    score,
    prediction: prediction ? predictionCell(prediction) : null,
    probability: prediction ? prediction.probability : null,
    refused: null,
  };
}

/** All outcomes by column; of a refused one the numbers are NaN, as those who read arrays know what is missing. */
async function collected(outcomes: AsyncIterable<Outcome>) {
  const rows: Row[] = [];
  for await (const outcome of outcomes) rows.push(rowOf(outcome));
  const numbers = (name: 'p_value' | 'score' | 'probability') => rows.map(row => row[name] ?? Number.NaN);
  return {
    id: rows.map(row => row.id),
    is_ood: rows.map(row => row.is_ood),
    p_value: numbers('p_value'),
    score: numbers('score'),
    prediction: rows.map(({ prediction }) => (prediction === null ? null : String(prediction))),
    probability: numbers('probability'),
    refused: rows.map(row => row.refused),
  };
}
