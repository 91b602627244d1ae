/** (1 − share) Σ + share · tr(Σ)/d · I. */
export function shrink(covariance: Float64Array, dim: number, share: number): Float64Array {
  if (share === 0) return covariance;
  let trace = 0;
  for (let i = 0; i < dim; i++) trace += covariance[i * (dim + 1)];
  const result = covariance.map(value => (1 - share) * value);
  for (let i = 0; i < dim; i++) result[i * (dim + 1)] += (share * trace) / dim;
  return result;
}
