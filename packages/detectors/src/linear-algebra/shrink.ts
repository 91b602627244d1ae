/** (1 − share) Σ + share · target · I. Default target: the mean variance tr(Σ)/d, which keeps the trace. */
export function shrink(
  covariance: Float64Array,
  dim: number,
  { share, target = trace(covariance, dim) / dim }: { share: number; target?: number },
): Float64Array {
  if (share === 0) return covariance;
  const result = covariance.map(value => (1 - share) * value);
  for (let i = 0; i < dim; i++) result[i * (dim + 1)]! += share * target;
  return result;
}

/** Σ_i of the diagonal. */
export function trace(matrix: Float64Array, dim: number): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += matrix[i * (dim + 1)]!;
  return sum;
}
