import { trace } from '../linear-algebra/shrink.ts';
import type { Scatter } from './class-scatters.ts';

/** Ledoit and Wolf's share of the identity: estimated error of Σ over its distance from the identity. */
export function ledoitWolf({ scatter, count, fourth }: Scatter, dim: number): number {
  let squares = 0;
  for (const value of scatter) squares += value * value;
  const distance = squares - trace(scatter, dim) ** 2 / dim;
  const error = (fourth - squares) / count;
  if (!(distance > 0)) return 1;
  return Math.min(1, Math.max(1e-6, error / distance));
}
