import { isOodError, type LabeledRows, type Matrix, type Rows, sliceRows } from '@ood/core';
import { expectClose, expectEqual, expectRefusal, expectThat, type Law } from '@ood/core/laws';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions } from '../contract/fit-arguments.ts';
import type { Method } from '../contract/method.ts';
import { openModelSession } from '../contract/open-session.ts';
import type { TrainingSource } from '../contract/rows.ts';
import { decodeDetector } from '../persistence/detector-file.ts';

export interface DetectorFixtures<Options extends object> {
  /** ID rows to fit on, with all that the method needs; at least 100 whose features differ. */
  readonly train: LabeledRows;
  /** Rows to score, some ID and some not; at least 20, in float32 as backbones give them. */
  readonly queries: Rows;
  /** Options of the fit; give `threads` and a seed where the method trains. */
  readonly options?: FitOptions<Options>;
  /** Largest difference between two ways to one score, as a share of the largest score. Default 2e-5: float32 graphs. */
  readonly tolerance?: number;
  /** The same between rows streamed and rows in memory; null where training shuffles a stream otherwise. Default 1e-9. */
  readonly streamTolerance?: number | null;
}

/**
 * The laws of detectors for one method, to be run by any test runner: `for (const { name, check } of detectorLaws(mine, fixtures))
 * it(name, check)`. They fit once, and a second and a third time where a law is about fitting.
 */
export function detectorLaws<Options extends object>(
  method: Method<Options>,
  { train, queries, options = {}, tolerance = 2e-5, streamTolerance = 1e-9 }: DetectorFixtures<Options>,
): readonly Law[] {
  const { name, title, paper, needs, reads } = method;
  const fit = (rows: TrainingSource) => fitMethod(method, rows, options);
  let once: Promise<{ detector: Detector; scores: Float64Array }> | undefined;
  const fitted = () =>
    (once ??= fit(train).then(async detector => ({ detector, scores: await detector.score(queries) })));
  const count = (queries.features ?? queries.logits)!.rows;
  const load = (bytes: Uint8Array) => decodeDetector(bytes, { methods: [method], ...environmentOf(options) });
  const laws: Record<string, () => Promise<void>> = {
    'describes itself as its method does': async () => {
      const described = (await fitted()).detector.describe();
      const { name: n, title: t, paper: p, needs: ne, reads: r } = described;
      expectEqual([n, t, p, ne, r], [name, title, paper, needs, reads]);
    },
    'gives every row one finite score, and not all the same': async () => {
      const { scores } = await fitted();
      expectEqual(scores.length, count);
      expectThat(scores.every(Number.isFinite), 'finite scores', [...scores]);
      expectThat(new Set(scores).size > count / 2, 'scores that differ', [...scores]);
    },
    'scores a row alone as among others': async () => {
      const { detector, scores } = await fitted();
      for (const row of [0, count - 1]) {
        const alone = await detector.score(part(queries, row, row + 1));
        expectClose(alone, scores.subarray(row, row + 1), tolerance * Math.max(1, Math.abs(scores[row]!)));
      }
    },
    'scores no rows': async () => {
      const { detector } = await fitted();
      expectEqual((await detector.score(part(queries, 0, 0))).length, 0);
    },
    'scores the same again': async () => {
      const { detector, scores } = await fitted();
      expectEqual([...(await detector.score(queries))], [...scores]);
    },
    'is fitted to the same bytes again': async () => {
      const again = await fit(train);
      expectEqual(again.encode(), (await fitted()).detector.encode());
      await again.close();
    },
    'scores the same after saving and loading, and saves the same bytes': async () => {
      const { detector, scores } = await fitted();
      const bytes = detector.encode();
      const loaded = load(bytes);
      expectEqual(JSON.stringify(loaded.describe()), JSON.stringify(detector.describe()));
      expectEqual([...(await loaded.score(queries))], [...scores]);
      expectEqual(loaded.encode(), bytes);
      await loaded.close();
    },
    'refuses a damaged file': async () => {
      const bytes = (await fitted()).detector.encode();
      const torn = bytes.subarray(0, bytes.length - 1);
      const changed = bytes.slice();
      changed[bytes.length - 1]! ^= 1;
      for (const damaged of [torn, changed])
        await expectRefusal(async () => load(damaged), 'CORRUPT_FILE', 'FOREIGN_FILE');
    },
    'exports a float32 graph that agrees, or says that it cannot': async () => {
      const { detector, scores } = await fitted();
      const names = { features: 'f', logits: 'l', score: 's' };
      let model: Uint8Array;
      try {
        model = await detector.toOnnx(names);
      } catch (error) {
        if (isOodError(error, 'NOT_EXPORTABLE')) return;
        throw error;
      }
      const session = await openModelSession(model, environmentOf(options));
      expectEqual(
        session.inputs.map(input => input.name),
        reads.map(reading => names[reading]),
      );
      const feeds = reads.map(reading => {
        const { rows, cols, data } = queries[reading]!;
        return [
          names[reading],
          { type: 'float32' as const, dims: [rows, cols], data: Float32Array.from(data) },
        ];
      });
      const { s } = await session.run(Object.fromEntries(feeds));
      await session.close();
      expectEqual(s!.dims, [count]);
      expectClose(s!.data as Float32Array, scores, tolerance * largest(scores));
    },
    'refuses NaN, infinity, another width and missing rows': async () => {
      const { detector } = await fitted();
      for (const reading of reads) {
        const matrix = queries[reading]!;
        for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const data = matrix.data.slice();
          data[matrix.cols + 1] = value;
          await expectRefusal(
            () => detector.score({ ...queries, [reading]: { ...matrix, data } }),
            'NON_FINITE',
          );
        }
        const { [reading]: _, ...rest } = queries;
        await expectRefusal(() => detector.score(rest), 'MISSING_INPUT');
        if (detector.describe().widths[reading] === undefined) continue;
        const wide = { rows: 1, cols: matrix.cols + 1, data: new Float32Array(matrix.cols + 1) };
        await expectRefusal(() => detector.score({ ...part(queries, 0, 1), [reading]: wide }), 'WRONG_SHAPE');
      }
    },
    'refuses an option that does not exist': () =>
      expectRefusal(
        () => fitMethod(method, train, { ...options, noSuchOption: 1 } as FitOptions<Options>),
        'INVALID_OPTION',
      ),
    'cannot be used after close': async () => {
      const detector = load((await fitted()).detector.encode());
      await detector.close();
      await expectRefusal(() => detector.score(queries), 'CLOSED');
    },
  };
  if (method.fit !== undefined && streamTolerance !== null)
    laws['fits a stream as it fits rows in memory'] = async () => {
      const { scores } = await fitted();
      const streamed = await fit({ open: () => parts(train, 64) });
      expectClose(await streamed.score(queries), scores, streamTolerance * largest(scores));
      await streamed.close();
    };
  return Object.entries(laws).map(([law, check]) => ({ name: law, check }));
}

function environmentOf<Options extends object>({ runtime, threads }: FitOptions<Options>) {
  return { runtime, threads };
}

function largest(scores: Float64Array): number {
  return scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
}

function part({ features, logits }: Rows, start: number, end: number): Rows {
  const cut = (matrix: Matrix | undefined) => matrix && sliceRows(matrix, start, end);
  return { features: cut(features), logits: cut(logits) };
}

function* parts(rows: LabeledRows, size: number): Generator<LabeledRows> {
  const count = (rows.features ?? rows.logits)!.rows;
  for (let start = 0; start < count; start += size) {
    const end = Math.min(count, start + size);
    yield { ...part(rows, start, end), labels: rows.labels?.subarray(start, end) };
  }
}
