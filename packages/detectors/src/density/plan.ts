import type { ClassRows } from './class-rows.ts';

/** Purity of as many imagined rows keeps few rows from deciding alone. */
const PRIOR = { rows: 30, purity: 0.75 };
/** Rows for each direction from which on a flow has learned more than noise. */
const ROWS_PER_DIRECTION = 40;

/** What the ID rows decide about the density. */
export interface Plan {
  /** Whether neighbors mostly share their class: then class statistics describe the neighborhoods. */
  readonly organized: boolean;
  /** Which neighbor's distance counts. */
  readonly neighbor: number;
  /** Weight of the class model's evidence against the neighbors'. */
  readonly weight: number;
  /** Share of rows whose nearest row is of their class, with the prior. */
  readonly purity: number;
  /** Whether what lies beyond the leading directions counts. */
  readonly residual: boolean;
  /** Whether there are rows enough to train a flow that pays. */
  readonly flow: boolean;
}

export function planDensity({ count, dim, directions, origin }: ClassRows, purity: Float64Array): Plan {
  const root = Math.sqrt(count);
  const cut = directions < dim && count - 1 < directions;
  if (origin === 'clusters') {
    return { organized: false, neighbor: far(root), weight: 0.5, purity: 0, residual: true, flow: false };
  }
  const first = ((purity[0] ?? 0) * count + PRIOR.rows * PRIOR.purity) / (count + PRIOR.rows);
  const organized = first >= 0.5;
  const pure = purity.filter((value, rank) => (rank === 0 ? first : value) >= first / 2).length;
  return {
    organized,
    neighbor: organized ? Math.max(1, Math.min(5, Math.floor(root / 2), pure)) : far(root),
    weight: Math.min(0.75, Math.max(0.1, first)),
    purity: first,
    residual: !organized || cut,
    flow: organized && count >= ROWS_PER_DIRECTION * directions,
  };
}

/** Where classes do not describe the neighborhoods, they are taken wide. */
function far(root: number): number {
  return Math.max(1, Math.min(50, Math.floor(0.75 * root)));
}
