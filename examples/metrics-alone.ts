// Scores of any detector, from any library → figures with intervals, a paired test, and a decision. Needs @ood/metrics only.
// Run: node metrics-alone.ts (Node ≥ 22.18), or npx tsx metrics-alone.ts
import { createRandom } from '@ood/core';
import { compare, conformalThreshold, evaluate } from '@ood/metrics';

// Stand-ins for what your detectors said of the same inputs: higher means more out-of-distribution.
const random = createRandom('scores');
const draw = (count: number, mean: number) =>
  Float64Array.from({ length: count }, () => mean + random.normal());
const calibration = draw(500, 0); // in-distribution inputs that nothing was fitted on
const id = draw(1000, 0);
const ood = draw(800, 2);
const blur = (scores: Float64Array) => scores.map(score => score + 0.8 * random.normal());

const figures = evaluate(id, ood, { seed: 1 });
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const { value, interval } = figures.auroc;
console.log(`AUROC ${percent(value)}, between ${percent(interval.low)} and ${percent(interval.high)}`);
console.log(`OOD accepted while 95 % of ID is accepted: ${percent(figures.fpr95IdAccepted.value)}`);

const { better, auroc } = compare({ id, ood }, { id: blur(id), ood: blur(ood) }, { seed: 1 });
console.log(
  `The first detector is ${better === 'a' ? 'better' : 'not better'}, by ${percent(auroc.difference)}`,
);

const { threshold, guarantee } = conformalThreshold(calibration, { alpha: 0.05 });
const rejected = id.filter(score => score > threshold).length / id.length;
console.log(`Rejected at alpha = 5 %: ${percent(rejected)} of new ID inputs`);
console.log(guarantee);
