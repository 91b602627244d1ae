import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../architecture/workspace.ts';

const REPORT = join(ROOT, 'apps/eval/src/report');

/** File that holds the bundle. */
export const bundleFile = join(REPORT, 'generated/client.ts');

/** What the page carries of others. */
const NOTICE =
  '/*! With d3-array, d3-axis, d3-color, d3-format, d3-interpolate, d3-path, d3-scale, d3-selection, d3-shape, d3-time and d3-time-format, Copyright Mike Bostock, ISC license. Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies. The software is provided "as is" without warranty of any kind. */';

/** The script and the style sheet of the report page as the text of a module: the same wherever and whenever it is made. */
export async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(REPORT, 'client/main.ts'), join(REPORT, 'client/report.css')],
    outdir: '.',
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    absWorkingDir: ROOT,
    conditions: ['@ood/source'],
  });
  const textOf = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))!.text.trim();
  return `// Made from ../client by \`pnpm report:client\`; do not edit.
export const clientScript =
  ${JSON.stringify(`${NOTICE}\n${textOf('.js')}`)};
export const clientStyle =
  ${JSON.stringify(textOf('.css'))};
`;
}
