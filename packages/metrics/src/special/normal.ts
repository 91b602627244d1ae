const sqrtPi = Math.sqrt(Math.PI);

/** P(Z > z) of the standard normal, with full relative accuracy in the upper tail (to about z = 38). */
export function normalUpperTail(z: number): number {
  const x = z / Math.SQRT2;
  if (x < -1.5) return 1 - 0.5 * complementFraction(-x) * Math.exp(-x * x);
  if (x < 1.5) return 0.5 * (1 - errorSeries(x));
  return 0.5 * complementFraction(x) * Math.exp(-x * x);
}

/** log P(Z > z), finite for every finite z up to about 1e154. */
export function logNormalUpperTail(z: number): number {
  const x = z / Math.SQRT2;
  if (x < 0) return Math.log1p(-normalUpperTail(-z));
  if (x < 1.5) return Math.log(normalUpperTail(z));
  return Math.log(0.5 * complementFraction(x)) - x * x;
}

/** The z with P(Z > z) = p, for 0 < p < 1: AS 241 (Wichura 1988), relative error about 1e-16. */
export function normalUpperQuantile(p: number): number {
  const q = 0.5 - p;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, centerNumerator, centerDenominator);
  const r = Math.sqrt(-Math.log(q < 0 ? 1 - p : p));
  const z =
    r <= 5 ? ratio(r - 1.6, middleNumerator, middleDenominator) : ratio(r - 5, farNumerator, farDenominator);
  return q < 0 ? -z : z;
}

/** The z with log P(Z > z) = logP, for logP < 0; also where P itself underflows. */
export function normalUpperQuantileOfLog(logP: number): number {
  if (logP > -700) return normalUpperQuantile(Math.exp(logP));
  let z = Math.sqrt(-2 * logP);
  // Newton on the log tail, whose slope at large z is −(z + 1/z) to first order: four steps reach 1e-15.
  for (let step = 0; step < 4; step++) z += (logNormalUpperTail(z) - logP) / (z + 1 / z);
  return z;
}

/** erf by the series e^(−x²) Σ 2ᵏ x^(2k+1) / (2k+1)!!, whose terms are all of one sign. */
function errorSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / sqrtPi) * Math.exp(-x * x) * sum;
}

/** e^(x²) erfc(x) for x ≥ 1.5 by its continued fraction, evaluated from the inside. */
function complementFraction(x: number): number {
  let tail = x;
  for (let k = Math.ceil(16 + 280 / (x * x)); k >= 1; k--) tail = x + k / 2 / tail;
  return 1 / (sqrtPi * tail);
}

function ratio(r: number, numerator: readonly number[], denominator: readonly number[]): number {
  return polynomial(r, numerator) / polynomial(r, denominator);
}

function polynomial(r: number, coefficients: readonly number[]): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * r + coefficients[i]!;
  return value;
}

const centerNumerator = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const centerDenominator = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const middleNumerator = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const middleDenominator = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const farNumerator = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const farDenominator = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
];
