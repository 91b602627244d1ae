import type { Parameters } from './network.ts';

export interface AdamOptions {
  /** Decoupled weight decay (Loshchilov, Hutter, 2019), on matrices only. */
  readonly weightDecay: number;
}

/** Adam (Kingma, Ba, 2015) over `parameters`, in place; `isMatrix` names those that decay. */
export function adam(
  parameters: Parameters,
  isMatrix: (name: string) => boolean,
  { weightDecay }: AdamOptions,
) {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const zeros = () =>
    Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, new Float32Array(v.length)]));
  const first: Parameters = zeros();
  const second: Parameters = zeros();
  let steps = 0;
  return (gradient: (name: string) => Float32Array, learningRate: number): void => {
    steps++;
    const rate = (learningRate * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps);
    for (const [name, p] of Object.entries(parameters)) {
      const g = gradient(name);
      const m = first[name]!;
      const v = second[name]!;
      const shrink = isMatrix(name) ? 1 - learningRate * weightDecay : 1;
      for (let i = 0; i < p.length; i++) {
        m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
        v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! * g[i]!;
        p[i] = shrink * p[i]! - (rate * m[i]!) / (Math.sqrt(v[i]!) + epsilon);
      }
    }
  };
}
