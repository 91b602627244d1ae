import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contactSheet } from './contact-sheet.ts';
import { withoutDuplicates } from './duplicates.ts';
import { packSet, writePacked } from './pack.ts';
import { randomFor } from './random.ts';
import { side } from './raster.ts';
import { allSets } from './sets/all.ts';
import { classes } from './sets/letters.ts';
import { listSources } from './sources.ts';
import { target, writeLicences } from './target.ts';

const seed = 1;
const sheetFolder = process.argv[2];

const sets = withoutDuplicates(allSets(seed)).map(set => ({
  ...set,
  samples: randomFor(seed, 'order', set.name).shuffle(set.samples),
}));

writeLicences(target);

const manifest = {
  format: 'ood-glyphs',
  version: 1,
  name: 'glyphs',
  description:
    'Letters A–J in 28×28 grey images from openly licensed typefaces, in the spirit of notMNIST, with OOD sets from near to far',
  licence: 'Apache-2.0',
  seed,
  image: { height: side, width: side, levels: 16 },
  classes,
  sets: sets.map(set => packSet(target, set)),
  sources: listSources(sets),
};
writePacked(target, 'manifest.json', Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`));

for (const set of sets) {
  const bytes = manifest.sets.find(packed => packed.name === set.name)!.images.bytes;
  process.stdout.write(`${set.name}: ${set.samples.length} images, ${bytes} bytes\n`);
  if (!sheetFolder) continue;
  const images = set.samples.slice(0, 600).map(sample => sample.pixels);
  writeFileSync(join(sheetFolder, `sheet-${set.name}.png`), contactSheet(images, { columns: 30 }));
}
