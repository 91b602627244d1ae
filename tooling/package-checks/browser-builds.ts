import { build, type Message } from 'esbuild';

/** What a page takes of our packages, by package. */
const PAGES: Readonly<Record<string, readonly Page[]>> = {
  '@ood/core': [{ code: "export * from '@ood/core';" }],
  '@ood/metrics': [
    { code: "export * from '@ood/metrics';" },
    // What somebody pays who wants one number.
    { code: "import { auroc } from '@ood/metrics'; console.log(auroc([1, 2], [3, 4]));", limit: 5000 },
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
  /** Most bytes, minified. */
  readonly limit?: number;
}

/** Bundles pages with esbuild for a browser, in a folder where the package is installed. @returns what is wrong */
export async function buildForBrowsers(name: string, folder: string): Promise<string[]> {
  const problems: string[] = [];
  for (const { code, external = [], limit = Number.POSITIVE_INFINITY } of PAGES[name] ?? []) {
    try {
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: folder },
        bundle: true,
        platform: 'browser',
        format: 'esm',
        minify: true,
        write: false,
        external: [...external],
        logLevel: 'silent',
      });
      const bytes = outputFiles[0]?.contents.length ?? 0;
      if (bytes > limit) problems.push(`${code} is ${bytes} bytes for a browser, more than ${limit}`);
    } catch (error) {
      const { errors = [] } = error as { errors?: readonly Message[] };
      const where = errors.map(({ text, location }) => `\n  ${text} (${location?.file}:${location?.line})`);
      problems.push(`${code} does not build for a browser:${where.join('') || String(error)}`);
    }
  }
  return problems;
}
