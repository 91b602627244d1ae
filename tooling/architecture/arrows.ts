/** Which package may import which: the one place where the arrows are written down. See ARCHITECTURE.md. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  metrics: ['core'],
  datasets: ['core'],
  onnx: ['core'],
  features: ['core', 'onnx'],
  flows: ['core', 'onnx'],
  detectors: ['core', 'onnx', 'flows', 'metrics'],
  guard: ['core', 'onnx', 'features', 'detectors', 'metrics'],
  transformers: ['core', 'onnx', 'features', 'guard'],
  terminal: ['core'],
};

/** Apps compose: `eval` any package, `cli` any package and the reports of `eval`. */
export const APPS: Readonly<Record<string, readonly string[]>> = {
  eval: Object.keys(ARROWS),
  cli: [...Object.keys(ARROWS), 'eval'],
};
