import { firstColumns, type Matrix, type Rows, throwIfAborted } from '@ood/core';
import { encodeModel } from '@ood/onnx';
import { DetectorsError } from '../errors.ts';
import { encodeFitted } from '../persistence/fitted-file.ts';
import { requireMatrix } from './check-rows.ts';
import type { Detector } from './detector.ts';
import type { Environment } from './environment.ts';
import type { Fitted, Method, MethodOptions, Scorer } from './method.ts';
import { behindFirstColumns } from './penultimate.ts';

/** A fitted method behind the contract: rows are checked once, here. */
export function createDetector<Options extends object>(
  method: Method<Options>,
  fitted: Fitted<Options>,
  environment: Environment,
): Detector {
  const { name, title, paper, needs, reads } = method;
  const { widths, rowSize } = fitted;
  const given = rowSize === undefined ? widths : { ...widths, features: rowSize };
  let scorer: Scorer | undefined;
  let closed = false;
  return {
    describe: () => ({
      name,
      title,
      paper,
      needs,
      reads,
      widths: given,
      parameters: fitted.options as MethodOptions,
      fitted: fitted.numbers,
      ...(fitted.labels && { labels: fitted.labels }),
      warnings: fitted.warnings ?? [],
      ...(fitted.threads !== undefined && { threads: fitted.threads }),
    }),
    async score(rows, options = {}) {
      if (closed) throw closedError(name);
      throwIfAborted(name, options.signal);
      const read: Partial<Record<keyof Rows, Matrix>> = {};
      for (const reading of reads) {
        read[reading] = requireMatrix(name, rows, reading, { cols: given[reading] });
      }
      if (rowSize !== undefined && read.features)
        read.features = firstColumns(read.features, widths.features!);
      if (read.features && read.logits && read.features.rows !== read.logits.rows) {
        throw unequal(name, read.features.rows, read.logits.rows);
      }
      scorer ??= method.open(fitted, environment);
      const scores = await scorer.score(read as Required<Rows>, options);
      requireScores(name, scores, read[reads[0]!]!.rows);
      return scores;
    },
    encode: () => encodeFitted(name, fitted as unknown as Fitted),
    async toOnnx({ features = 'features', logits = 'logits', score = 'score', opset = 17 } = {}) {
      if (!Number.isInteger(opset) || opset < 17) throw badOpset(name, opset);
      const model = await method.toOnnx(fitted, { features, logits, score, opset }, environment);
      const isCut = rowSize !== undefined && reads.includes('features');
      return encodeModel(
        isCut ? behindFirstColumns(model, features, { of: rowSize, take: widths.features! }) : model,
      );
    },
    async close() {
      closed = true;
      await scorer?.close();
    },
  };
}

/** The promise of every detector, whatever its method did. */
function requireScores(where: string, scores: Float64Array, rows: number): void {
  const bad = scores.findIndex(score => !Number.isFinite(score));
  if (bad === -1 && scores.length === rows) return;
  throw new DetectorsError('NON_FINITE', {
    where: `${where}: score`,
    expected: `a finite score for each of ${rows} rows`,
    got: bad === -1 ? `${scores.length} scores` : `${scores[bad]} at row ${bad}`,
    advice: 'look for rows of extreme size, or fit the detector again',
    details: { row: bad },
  });
}

function closedError(where: string): DetectorsError {
  return new DetectorsError('CLOSED', { where, expected: 'an open detector', got: 'a closed one' });
}

function unequal(where: string, features: number, logits: number): DetectorsError {
  return new DetectorsError('WRONG_SHAPE', {
    where,
    expected: `logits of the same ${features} rows as the features`,
    got: `${logits} rows`,
  });
}

function badOpset(where: string, opset: number): DetectorsError {
  return new DetectorsError('INVALID_OPTION', {
    where: `${where}: option opset`,
    expected: 'an opset of 17 or later',
    got: String(opset),
  });
}
