/** A Weibull distribution 1 − exp(−(x / scale)^shape). */
export interface Weibull {
  readonly shape: number;
  readonly scale: number;
}

const SHAPES = { least: 1, most: 1e7 };

/**
 * Shape and scale of largest likelihood for positive values; `undefined` where they do not vary enough to have one. Values are divided by
 * the largest, so that powers stay below 1; the shape is the one root of an increasing function, by bisection.
 */
export function fitWeibull(values: Float64Array): Weibull | undefined {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const logs = values.map(value => Math.log(value / largest));
  const mean = average(logs);
  const slope = (shape: number): number => {
    const powers = logs.map(log => Math.exp(shape * log));
    const weighted = powers.reduce((sum, power, i) => sum + power * logs[i]!, 0);
    return weighted / powers.reduce((sum, power) => sum + power, 0) - 1 / shape - mean;
  };
  let { least, most } = SHAPES;
  if (values.length < 2 || !(slope(most) > 0)) return undefined;
  if (slope(least) >= 0) most = least;
  for (let step = 0; step < 200 && most - least > 1e-15 * most; step++) {
    const middle = (least + most) / 2;
    if (slope(middle) > 0) most = middle;
    else least = middle;
  }
  const shape = (least + most) / 2;
  const scale = largest * average(logs.map(log => Math.exp(shape * log))) ** (1 / shape);
  return { shape, scale };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
