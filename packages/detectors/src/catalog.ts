/** What a score rests on. */
export type Family = 'density' | 'distance' | 'logits' | 'activations' | 'geometry' | 'fused';

/** What a fit and a score cost; n ID rows, d features, C classes, R ≤ 256 directions, per row where it is scored. */
export interface Cost {
  readonly fit: string;
  readonly score: string;
}

export interface CatalogEntry {
  readonly family: Family;
  readonly cost: Cost;
}

const entry = (family: Family, fit: string, score: string): CatalogEntry => ({
  family,
  cost: { fit, score },
});

const covariance = 'one pass, n d²';
const nothing = 'nothing';
const headPass = 'd C';

/** Family and cost of every method. Density: a probability model of features; distance: to ID rows or their subspace; geometry: of head and classes. */
export const catalog: Readonly<Record<string, CatalogEntry>> = {
  'fde-fused': entry('fused', 'as fde, and its evidence', 'as fde, and d C and a bank'),
  'mahalanobis++-fused': entry('fused', 'as mahalanobis++, and its evidence', 'd² and d C and a bank'),
  fde: entry(
    'density',
    'two to six times n d²; with a flow, two trainings',
    'd R, R C and a bank of up to 20,000 rows',
  ),
  'two-covariance': entry('density', 'n d²', 'd R and R C'),
  'fde-flow': entry('density', 'a training', 'six couplings of R²'),
  'fde-glow': entry('density', 'a training', 'ten blocks of d²'),
  'fde-real-nvp': entry('density', 'a training', 'couplings of d²'),
  'fde-residual': entry('density', 'a training, the slowest', 'power series of d²'),
  mahalanobis: entry('density', covariance, 'd² and d C'),
  'mahalanobis++': entry('density', covariance, 'd² and d C'),
  'relative-mahalanobis': entry('density', covariance, '2 d² and d C'),
  'relative-mahalanobis++': entry('density', covariance, '2 d² and d C'),
  gmm: entry('density', 'two passes, n d²', 'C d²'),
  knn: entry('distance', 'keeps the rows', 'n d'),
  residual: entry('distance', covariance, 'd²'),
  vim: entry('distance', covariance, 'd²'),
  nnguide: entry('distance', 'keeps the rows', 'n d'),
  msp: entry('logits', nothing, 'C'),
  'max-logit': entry('logits', nothing, 'C'),
  energy: entry('logits', nothing, 'C'),
  'temperature-scaling': entry('logits', 'one number', 'C'),
  odin: entry('logits', nothing, 'C'),
  gen: entry('logits', nothing, 'C log C'),
  'kl-matching': entry('logits', 'one pass', 'C²'),
  react: entry('activations', 'a quantile', headPass),
  vra: entry('activations', 'two quantiles', headPass),
  'ash-s': entry('activations', nothing, headPass),
  scale: entry('activations', nothing, headPass),
  dice: entry('activations', 'one pass', headPass),
  she: entry('geometry', 'one pass', 'd'),
  fdbd: entry('geometry', 'one pass, C² d', 'd and C'),
  nci: entry('geometry', 'one pass', 'd'),
  neco: entry('geometry', covariance, 'd times the directions'),
  gradnorm: entry('geometry', nothing, 'd and C'),
};
