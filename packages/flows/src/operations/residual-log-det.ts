import * as tf from '@tensorflow/tfjs';

/** v ↦ J v for the Jacobian J of a map at every row of a batch, `[batch, dim]` (or a broadcast `[1, dim]`) → `[batch, dim]`. */
export type Jacobian = (vectors: tf.Tensor2D) => tf.Tensor2D;

/**
 * log |det(I + J)|, `[batch]`, by elimination. Pivots need no exchange: for ‖J‖ < 1 every leading block of I + J is regular.
 */
export function exactLogDet(jacobian: Jacobian, dim: number): tf.Tensor1D {
  const index = tf.range(0, dim);
  const rows = Array.from({ length: dim }, (_, j) => {
    const unit = tf.expandDims(tf.sub(1, tf.step(tf.abs(tf.sub(index, j)))), 0) as tf.Tensor2D;
    return tf.add(unit, jacobian(unit)) as tf.Tensor2D;
  });
  const column = (row: tf.Tensor2D, k: number) => tf.slice(row, [0, k], [-1, 1]);
  const logs: tf.Tensor[] = [];
  for (let k = 0; k < dim; k++) {
    const pivot = column(rows[k]!, k);
    logs.push(tf.log(tf.abs(pivot)));
    for (let j = k + 1; j < dim; j++) {
      const factor = tf.div(column(rows[j]!, k), pivot);
      rows[j] = tf.sub(rows[j]!, tf.mul(factor, rows[k]!));
    }
  }
  return tf.sum(tf.concat(logs, 1), 1);
}

/** Σ_{k=1…terms} (−1)^{k+1} / k · mean over probes of vᵀ Jᵏ v, `[batch]` (Hutchinson 1989, without randomness at run time). */
export function truncatedLogDet(jacobian: Jacobian, probes: tf.Tensor2D, terms: number): tf.Tensor1D {
  const count = probes.shape[0];
  let total: tf.Tensor = tf.scalar(0);
  for (let p = 0; p < count; p++) {
    const probe = tf.slice(probes, [p, 0], [1, -1]) as tf.Tensor2D;
    let power = probe;
    for (let k = 1; k <= terms; k++) {
      power = jacobian(power);
      const trace = tf.sum(tf.mul(power, probe), 1);
      total = tf.add(total, tf.mul(trace, (k % 2 === 1 ? 1 : -1) / (k * count)));
    }
  }
  return total as tf.Tensor1D;
}
