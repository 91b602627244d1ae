import { isOodError } from '@ood/core';
import { cutModel, decodeModel, describeModel, encodeModel, graphOf, upgradeOpset } from '@ood/onnx';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oddModels } from './odd-models.ts';

/** Bytes of a valid model with a few of them changed, and perhaps cut short. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.integer({ min: 0, max: 255 }) });
  return fc
    .record({
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
      end: fc.option(fc.nat(bytes.length)),
    })
    .map(({ changes, end }) => {
      const copy = bytes.slice(0, end ?? bytes.length);
      for (const { at, to } of changes) if (at < copy.length) copy[at] = to;
      return copy;
    });
}

describe.each(oddModels)('a damaged file of $name', ({ model }) => {
  it('is refused or read, described and rewritten, with no other error than a typed one', () => {
    fc.assert(
      fc.property(damaged(encodeModel(model)), bytes => {
        const attempt = (work: () => unknown): void => {
          try {
            work();
          } catch (error) {
            if (!isOodError(error)) throw error;
          }
        };
        attempt(() => {
          const decoded = decodeModel(bytes);
          expect(describeModel(decoded).nodes).toBe(graphOf(decoded).node.length);
          attempt(() => encodeModel(decoded));
          attempt(() => upgradeOpset(decoded, 20));
          attempt(() => cutModel(decoded, { outputs: graphOf(decoded).output.map(output => output.name) }));
        });
      }),
      { numRuns: 400 },
    );
  });
});
