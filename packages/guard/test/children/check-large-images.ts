import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preset } from '@ood/features';
import { fitGuard, openGuard } from '../../src/index.ts';
import { glyphs, glyphsModel } from '../glyphs.ts';

/**
 * Asks guards, each with a thread of its own, for so many checks of one large image at once. Says how many gave a verdict, and the most
 * memory that the program held, in MiB: `check-large-images.ts SIDE GUARDS CHECKS`.
 */
const [side = 0, guards = 0, checks = 0] = process.argv.slice(2).map(Number);
const sharp = createRequire(import.meta.resolve('@ood/features'))('sharp');
const background = { r: 10, g: 200, b: 30 };
const image: Uint8Array = await sharp({ create: { width: side, height: side, channels: 3, background } })
  .png({ compressionLevel: 1 })
  .toBuffer();
const folder = await mkdtemp(join(tmpdir(), 'ood-large-'));
const path = join(folder, 'guard');
await fitGuard(path, {
  model: glyphsModel,
  preprocessing: preset('mnist'),
  detector: 'msp',
  train: glyphs('train', 20),
  calibration: glyphs('validation', 8),
});
const opened = await Promise.all(Array.from({ length: guards }, () => openGuard(path, { threads: 1 })));
const before = process.resourceUsage().maxRSS / 1024;
const outcomes = await Promise.allSettled(
  opened.flatMap(guard => Array.from({ length: checks }, () => guard.check(image))),
);
const verdicts = outcomes.filter(({ status }) => status === 'fulfilled').length;
await Promise.all(opened.map(guard => guard.close()));
await rm(folder, { recursive: true });
const peak = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ verdicts, before: Math.round(before), peak: Math.round(peak) }));
