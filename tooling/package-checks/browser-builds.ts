import { build, type Message } from 'esbuild';

/** Metrics that cannot be small, with the most bytes that each may be, and what they are made of. */
const COMPOSED_METRICS: Readonly<Record<string, number>> = {
  // A beta distribution; thresholds by class are several of one.
  conformalThreshold: 6000,
  pacThreshold: 6000,
  classConditionalThresholds: 7500,
  // Tails of the normal distribution, to full accuracy.
  delong: 6500,
  delongTest: 7500,
  combinePValues: 7500,
  fusedScores: 7500,
  fusionPValues: 8500,
  fitFusion: 9500,
  // Every detection metric, and draws to repeat them on.
  bootstrapMetrics: 8500,
  bootstrapDifferences: 9500,
  // An eigensolver; distances of all pairs of rows.
  effectiveRank: 9500,
  uniformity: 9500,
  neuralCollapse: 11_000,
  // Whole reports.
  compareAll: 9000,
  evaluateClassifier: 11_500,
  evaluateFailurePrediction: 12_500,
  compare: 13_000,
  evaluate: 13_500,
  featureGeometry: 20_000,
};

/** What a page takes of our packages, by package. */
const PAGES: Readonly<Record<string, readonly Page[]>> = {
  '@ood/core': [{ code: "export * from '@ood/core';" }],
  '@ood/metrics': [
    { code: "export * from '@ood/metrics';", each: { limit: 5000, larger: COMPOSED_METRICS } },
  ],
  '@ood/onnx': [
    { code: "export * from '@ood/onnx';" },
    { code: "export * from '@ood/onnx/web';", external: ['onnxruntime-web/wasm'] },
  ],
  '@ood/detectors': [
    {
      code: "import { decodeDetector } from '@ood/detectors'; export const score = bytes => decodeDetector(bytes);",
      // Only a detector that holds a flow asks for it, when it is opened.
      external: ['@ood/flows'],
    },
  ],
  '@ood/features': [{ code: "export * from '@ood/features/preprocessing';" }],
};

interface Page {
  readonly code: string;
  /** Packages that the page gets otherwise, or does without. */
  readonly external?: readonly string[];
  /** What somebody pays who wants one of these exports alone: the most bytes, minified. */
  readonly each?: { readonly limit: number; readonly larger: Readonly<Record<string, number>> };
}

/** Bundles pages with esbuild for a browser, in a folder where the package is installed. @returns what is wrong */
export async function buildForBrowsers(name: string, folder: string): Promise<string[]> {
  const problems: string[] = [];
  for (const { code, external = [], each } of PAGES[name] ?? []) {
    try {
      const { exports } = await bundle(code, folder, external);
      if (each) problems.push(...(await tooLarge(name, folder, exports, each)));
    } catch (error) {
      const { errors = [] } = error as { errors?: readonly Message[] };
      const where = errors.map(({ text, location }) => `\n  ${text} (${location?.file}:${location?.line})`);
      problems.push(`${code} does not build for a browser:${where.join('') || String(error)}`);
    }
  }
  return problems;
}

/** Exports that cost a page more than their limit, and limits of exports that are not there. */
async function tooLarge(
  name: string,
  folder: string,
  exports: readonly string[],
  { limit, larger }: NonNullable<Page['each']>,
): Promise<string[]> {
  const problems = Object.keys(larger)
    .filter(known => !exports.includes(known))
    .map(known => `${name}: expected an export ${known}, whose size has a limit of its own, got none`);
  for (const one of exports) {
    const { bytes } = await bundle(`import { ${one} } from '${name}'; console.log(${one});`, folder);
    const most = larger[one] ?? limit;
    if (bytes > most)
      problems.push(`${name}: ${one} alone is ${bytes} bytes for a browser, more than ${most}`);
    if (most !== limit && bytes <= limit)
      problems.push(`${name}: ${one} alone is ${bytes} bytes: it needs no limit of its own any more`);
  }
  return problems;
}

async function bundle(code: string, folder: string, external: readonly string[] = []) {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
    external: [...external],
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return { bytes: output?.bytes ?? 0, exports: output?.exports ?? [] };
}
