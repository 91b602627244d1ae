/** What a score rests on. */
export type Family = 'density' | 'distance' | 'logits' | 'activations' | 'geometry' | 'image-text' | 'fused';

/** What a fit and a score cost; n ID rows, d features, C classes, R ≤ 256 directions, per row where it is scored. */
export interface Cost {
  readonly fit: string;
  readonly score: string;
}

type Listed = Omit<CatalogEntry, 'rawFeatures'>;

export interface CatalogEntry {
  readonly family: Family;
  readonly cost: Cost;
  /** What the score is, in one line. */
  readonly summary: string;
  /** Whether the length of a feature row counts: such methods want features as the model gives them, never normalized. */
  readonly rawFeatures: boolean;
}

/** Methods that look at the direction of a row alone. */
const DIRECTIONS_ONLY = [
  'fde',
  'two-covariance',
  'fde-flow',
  'fde-glow',
  'fde-real-nvp',
  'fde-residual',
  'mahalanobis++',
  'relative-mahalanobis++',
  'knn',
  'mcm',
  'neglabel',
];

const entry = (family: Family, summary: string, fit: string, score: string): Listed => ({
  family,
  cost: { fit, score },
  summary,
});

const covariance = 'one pass, n d²';
const nothing = 'nothing';
const headPass = 'd C';

const listed: Readonly<Record<string, Listed>> = {
  'fde-fused': entry(
    'fused',
    'fde and the doubt of the head, each as a p-value; the default where there are logits',
    'as fde, and its evidence',
    'as fde, and d C and a bank',
  ),
  'mahalanobis++-fused': entry(
    'fused',
    'mahalanobis++ and the doubt of the head, each as a p-value; nothing is trained',
    'as mahalanobis++, and its evidence',
    'd² and d C and a bank',
  ),
  fde: entry(
    'density',
    'a model of the classes (closed form, or flow) and the distance to neighbors, each as a p-value',
    'two to six times n d²; with a flow, two trainings',
    'd R, R C and a bank of up to 20,000 rows',
  ),
  'two-covariance': entry(
    'density',
    'the closed form that fde starts from: covariances within and between classes',
    'n d²',
    'd R and R C',
  ),
  'fde-flow': entry(
    'density',
    "minus log-density of this library's own flow, alone",
    'a training',
    'six couplings of R²',
  ),
  'fde-glow': entry('density', "minus log-density of the paper's Glow", 'a training', 'ten blocks of d²'),
  'fde-real-nvp': entry(
    'density',
    "minus log-density of the paper's RealNVP",
    'a training',
    'couplings of d²',
  ),
  'fde-residual': entry(
    'density',
    "minus log-density of the paper's residual flow",
    'a training, the slowest',
    'power series of d²',
  ),
  mahalanobis: entry(
    'density',
    'distance to the nearest class mean, one covariance for all classes',
    covariance,
    'd² and d C',
  ),
  'mahalanobis++': entry('density', 'mahalanobis among rows of length 1', covariance, 'd² and d C'),
  'relative-mahalanobis': entry(
    'density',
    'mahalanobis less the distance to the mean of all rows',
    covariance,
    '2 d² and d C',
  ),
  'relative-mahalanobis++': entry(
    'density',
    'relative-mahalanobis among rows of length 1',
    covariance,
    '2 d² and d C',
  ),
  gmm: entry('density', 'minus log-density of a Gaussian for each class', 'two passes, n d²', 'C d²'),
  knn: entry(
    'distance',
    'distance to the k-th nearest ID row, among rows of length 1',
    'keeps the rows',
    'n d',
  ),
  residual: entry('distance', 'length of what lies outside the principal subspace', covariance, 'd²'),
  vim: entry(
    'distance',
    'length of what lies outside the principal subspace, as the logit of one more class',
    covariance,
    'd²',
  ),
  nnguide: entry(
    'distance',
    'energy times the mean similarity to ID rows of high energy',
    'keeps the rows',
    'n d',
  ),
  msp: entry('logits', 'minus the largest softmax probability', nothing, 'C'),
  'max-logit': entry('logits', 'minus the largest logit', nothing, 'C'),
  energy: entry('logits', 'minus the log-sum-exp of the logits', nothing, 'C'),
  'temperature-scaling': entry(
    'logits',
    'minus the largest probability at the temperature that fits the labels',
    'one number',
    'C',
  ),
  odin: entry(
    'logits',
    'minus the largest probability at a high temperature, without perturbing the input',
    nothing,
    'C',
  ),
  gen: entry('logits', 'generalized entropy of the largest probabilities', nothing, 'C log C'),
  'kl-matching': entry('logits', 'divergence from the nearest mean posterior of a class', 'one pass', 'C²'),
  openmax: entry(
    'logits',
    'log-odds of an unknown class that takes what unlikely logits lose',
    'one pass, keeps the logits',
    'C²',
  ),
  react: entry('activations', 'energy after features are cut at a percentile', 'a quantile', headPass),
  vra: entry(
    'activations',
    'energy after small features are dropped and large ones cut',
    'two quantiles',
    headPass,
  ),
  'ash-s': entry(
    'activations',
    'energy after small features are dropped and the rest is scaled',
    nothing,
    headPass,
  ),
  scale: entry(
    'activations',
    'energy after all features are scaled by how few carry them',
    nothing,
    headPass,
  ),
  dice: entry('activations', 'energy by the weights that contribute most', 'one pass', headPass),
  she: entry('geometry', 'minus the inner product with the mean of the predicted class', 'one pass', 'd'),
  fdbd: entry(
    'geometry',
    'minus the mean distance to the decision boundaries of other classes',
    'one pass, C² d',
    'd and C',
  ),
  nci: entry('geometry', 'minus the alignment with the weights of the predicted class', 'one pass', 'd'),
  neco: entry(
    'geometry',
    'share of the row within the principal subspace, times the largest logit',
    covariance,
    'd times the directions',
  ),
  cadref: entry(
    'geometry',
    'distance to the mean of the predicted class, split by the sign of its weights, over the energy',
    'one pass',
    'd',
  ),
  gradnorm: entry('geometry', 'minus the size of the gradient of the last layer', nothing, 'd and C'),
  mcm: entry(
    'image-text',
    'minus the largest softmax over cosines to the texts of labels',
    nothing,
    headPass,
  ),
  neglabel: entry(
    'image-text',
    'minus the share of the softmax over texts that falls on ID labels, beside negative ones',
    'd times C times the candidates',
    'd times all texts',
  ),
};

/** Family, summary and cost of every method. Density: a probability model of features; distance: to ID rows or their subspace; geometry: of head and classes; image-text: embeddings of images, with those of texts as head. */
export const catalog: Readonly<Record<string, CatalogEntry>> = Object.fromEntries(
  Object.entries(listed).map(([name, own]) => {
    const rawFeatures = own.family !== 'logits' && !DIRECTIONS_ONLY.includes(name);
    return [name, { ...own, rawFeatures }];
  }),
);
