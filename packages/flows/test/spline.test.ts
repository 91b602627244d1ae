import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { rationalQuadraticSpline } from '../src/operations/rational-quadratic-spline.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';
import { readGolden } from './support/normflows.ts';

beforeAll(useQuietCpu);

interface GoldenSpline {
  readonly name: string;
  readonly bins: number;
  readonly bound: number;
  readonly slope: number;
  readonly unconstrained: { widths: number[]; heights: number[]; derivatives: number[] };
  readonly x: number[];
  readonly y: number[];
  readonly log_abs_derivative: number[];
}

const { zuko } = readGolden<{ zuko: GoldenSpline[] }>('spline-rqs.json');

describe.each(zuko)(
  'spline $name equals zuko',
  ({ bound, slope, unconstrained, x, y, log_abs_derivative }) => {
    const rows = x.length;
    const spread = (values: number[]) =>
      tf.tile(tf.tensor3d(values, [1, 1, values.length]), [rows, 1, 1]) as tf.Tensor3D;
    const shape = () => ({
      widths: spread(unconstrained.widths),
      heights: spread(unconstrained.heights),
      derivatives: spread(unconstrained.derivatives),
    });
    const column = (values: number[]) => tf.tensor2d(values, [rows, 1]);
    // A float32 bin is known to 6e-8 · bound / width; inner knots lie between two slopes.
    const smooth = x.flatMap((value, i) => (Math.abs(Math.abs(value) - bound) > 1e-6 ? [i] : []));
    const at = (values: ArrayLike<number>) => smooth.map(i => values[i]!);

    it('values', () => {
      const { value } = rationalQuadraticSpline(column(x), shape(), { bound, slope });
      expectClose(value.dataSync(), y, 1e-5);
    });

    it('log-derivatives', () => {
      const { logDerivative } = rationalQuadraticSpline(column(x), shape(), { bound, slope });
      expectClose(at(logDerivative.dataSync()), at(log_abs_derivative), 1e-3);
    });

    it('inverse', () => {
      const { value, logDerivative } = rationalQuadraticSpline(
        column(y),
        shape(),
        { bound, slope },
        'inverse',
      );
      const again = rationalQuadraticSpline(value, shape(), { bound, slope });
      expectClose(again.value.dataSync(), y, 1e-5);
      expect(at(logDerivative.dataSync()).every(Number.isFinite)).toBe(true);
    });
  },
);

it('is the identity for zeros, with slope one', () => {
  const x = tf.tensor2d([-9, -5, -2.5, 0, 0.1, 4.999, 5, 1e30], [8, 1]);
  const zeros = (count: number) => tf.zeros([8, 1, count]) as tf.Tensor3D;
  const shape = { widths: zeros(8), heights: zeros(8), derivatives: zeros(7) };
  const { value, logDerivative } = rationalQuadraticSpline(x, shape, { bound: 5 });
  expectClose(value.dataSync(), x.dataSync(), 1e-6);
  for (const slope of logDerivative.dataSync()) expect(Math.abs(slope)).toBeLessThan(1e-5);
});
