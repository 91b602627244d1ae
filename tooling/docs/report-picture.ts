/**
 * Draws docs/images/report.png, the picture in the README, from a report of the demo: `pnpm docs:picture`. Run it when the report or
 * its figures change.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../architecture/workspace.ts';
import { chromiumFlags, chromiumPath } from '../vitest/chromium.ts';

const report = join(ROOT, 'ood-demo', 'report.html');
const picture = join(ROOT, 'docs', 'images', 'report.png');

if (chromiumPath === undefined) throw new Error('expected a browser; install chromium or set OOD_CHROMIUM');
if (!existsSync(report)) throw new Error(`expected ${report}; run the demo first`);
execFileSync(
  chromiumPath,
  [
    ...chromiumFlags,
    '--headless',
    '--hide-scrollbars',
    '--window-size=1420,1440',
    `--screenshot=${picture}`,
    pathToFileURL(report).href,
  ],
  { stdio: 'ignore' },
);
console.log(`Drew ${picture}`);
