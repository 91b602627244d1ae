import { glyphSamples } from '@ood/datasets';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../src/folder/png.ts';
import { openGuard } from '../src/index.ts';
import { every, useGlyphGuard } from './glyph-guard.ts';

const context = useGlyphGuard();

describe('an open guard', () => {
  it('tells ID from OOD, and rejects about alpha of new ID images', async () => {
    const guard = await openGuard(context.path);
    const rate = async (samples: Parameters<typeof guard.checkStream>[0]) => {
      let [count, rejected] = [0, 0];
      for await (const outcome of guard.checkStream(samples)) {
        count++;
        if (!('verdict' in outcome) || outcome.verdict.isOod) rejected++;
      }
      return rejected / count;
    };
    console.info = () => {};
    const id = await rate(every(2, context.glyphs.test));
    const far = await rate(every(4, context.glyphs.ood.at(-1)!));
    process.stderr.write(`${id} ${far} ${JSON.stringify(guard.describe().calibration)} ${JSON.stringify(guard.describe().parity)}\n`);
    expect(far).toBeGreaterThan(0.5);
    expect(id).toBeLessThan(0.12);
    await guard.close();
  });
});
