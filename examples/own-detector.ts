// A detector of your own: its score is a formula, so scoring, saving and the ONNX export come with it.
// Here: standardized distance to the mean, each feature by itself.
import { createRandom, type Matrix } from '@ood/core';
import { decodeDetector, fitMethod, formulaMethod } from '@ood/detectors';

export const standardized = formulaMethod({
  name: 'standardized-distance',
  title: 'Standardized distance',
  paper: 'none: an example',
  needs: ['features'],
  reads: ['features'],
  defaults: {},
  rules: {},
  // What a fit finds: files that lack it, or hold it in another shape, are refused.
  stores: () => ({ arrays: { means: ['features'], deviations: ['features'] } }),
  async fit(training) {
    // Rows come in blocks, so that they need not fit into memory.
    let count = 0;
    let sums = new Float64Array();
    let squares = new Float64Array();
    for await (const { features } of training.blocks()) {
      if (count === 0) [sums, squares] = [new Float64Array(features.cols), new Float64Array(features.cols)];
      count += features.rows;
      features.data.forEach((value, i) => {
        sums[i % features.cols]! += value;
        squares[i % features.cols]! += value * value;
      });
    }
    const means = sums.map(sum => sum / count);
    const deviations = squares.map((square, i) =>
      Math.sqrt(Math.max(square / count - means[i]! ** 2, 1e-12)),
    );
    const shape = [means.length];
    return { arrays: { means: { shape, data: means }, deviations: { shape, data: deviations } } };
  },
  formula: (f, { features }, { arrays: { means, deviations } }) =>
    f.norm(f.divide(f.subtract(features, f.constant(means!)), f.constant(deviations!))),
});

const random = createRandom('rows');
const rows = (count: number, mean: number): Matrix => ({
  rows: count,
  cols: 8,
  data: Float32Array.from({ length: count * 8 }, () => mean + random.normal()),
});

const detector = await fitMethod(standardized, { features: rows(500, 0) }, {});
const [usual = 0] = await detector.score({ features: rows(1, 0) });
const [strange = 0] = await detector.score({ features: rows(1, 5) });
console.log(`An input far away scores ${strange > 2 * usual ? 'more than twice' : 'about'} as much`);

// Loading names the method, since the file's bytes say only what it is called.
const again = await decodeDetector(detector.encode(), { methods: [standardized] });
const same = (await again.score({ features: { rows: 1, cols: 8, data: new Float32Array(8) } }))[0];
console.log(`Saved and loaded it scores ${Number.isFinite(same) ? 'like ours' : 'nothing'}`);
await detector.close();
await again.close();
