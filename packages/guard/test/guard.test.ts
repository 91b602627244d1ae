import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type Guard, openGuard, type Verdict } from '../src/index.ts';
import { useGlyphGuard } from './glyph-guard.ts';
import { glyphClasses, glyphs } from './glyphs.ts';

const context = useGlyphGuard({ detector: 'fde-flow', detectorOptions: { epochs: 3 } });

async function within<T>(use: (guard: Guard) => Promise<T>, options = {}): Promise<T> {
  const guard = await openGuard(context.path, options);
  return use(guard).finally(() => guard.close());
}

async function rejectedShare(guard: Guard, samples: Parameters<Guard['checkStream']>[0]): Promise<number> {
  let [count, rejected] = [0, 0];
  for await (const outcome of guard.checkStream(samples, { batchSize: 64 })) {
    count++;
    if ('refusal' in outcome || outcome.verdict.isOod) rejected++;
  }
  return rejected / count;
}

const essence = ({ isOod, score, pValue }: Verdict) => ({ isOod, score, pValue });

describe('an open guard', () => {
  it('rejects about alpha of new ID images, and most far-OOD ones', () =>
    within(async guard => {
      const { rateBand } = guard.describe().calibration;
      const id = await rejectedShare(guard, glyphs('test', 2));
      // The band of the calibration, widened by three standard errors of the 1,440 test images.
      expect(id).toBeLessThan(rateBand.high + 0.018);
      expect(id).toBeGreaterThan(rateBand.low - 0.018);
      expect(await rejectedShare(guard, glyphs('textures', 4))).toBeGreaterThan(5 * id);
    }));

  it('gives one image the verdict that a batch and a stream give it, in the worker and in this thread', () =>
    within(async guard => {
      const samples = [];
      for await (const sample of glyphs('test', 150)) samples.push(sample);
      const inputs = samples.map(({ pixels }) => pixels);
      const verdicts: Verdict[] = [];
      for (const input of inputs) verdicts.push(await guard.check(input));
      const batch = await guard.checkBatch(inputs, { batchSize: 4 });
      expect(batch.map(({ id }) => id)).toEqual(inputs.map((_, i) => String(i)));
      const streamed = [];
      for await (const outcome of guard.checkStream(samples, { batchSize: 3 })) streamed.push(outcome);
      expect(streamed.map(({ id }) => id)).toEqual(samples.map(({ id }) => id));
      const inThread = await within(here => here.checkBatch(inputs, { batchSize: 1 }), { worker: false });
      for (const [i, { score, pValue, isOod, prediction }] of verdicts.entries()) {
        for (const outcome of [batch[i], streamed[i], inThread[i]]) {
          const { verdict } = outcome as { verdict: Verdict };
          expect(verdict.score).toBeCloseTo(score, 3);
          expect(Math.abs(verdict.pValue - pValue)).toBeLessThan(0.002);
          expect(verdict.isOod).toBe(isOod);
          expect(verdict.prediction!.index).toBe(prediction!.index);
          expect(verdict.prediction!.name).toBe(glyphClasses[prediction!.index]);
        }
      }
    }));

  it('answers calls that overlap, each its own', () =>
    within(async guard => {
      const inputs = [];
      for await (const { pixels } of glyphs('test', 300)) inputs.push(pixels);
      const alone = [];
      for (const input of inputs) alone.push(essence(await guard.check(input)));
      const together = await Promise.all(inputs.map(input => guard.check(input)));
      expect(together.map(essence)).toEqual(alone);
    }));

  it('keeps the event loop free while it computes', () =>
    within(async guard => {
      const png = new Uint8Array(await readFile(join(context.path, 'probes/1.png')));
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 1);
      const start = performance.now();
      await guard.checkBatch(Array.from({ length: 200 }, () => png));
      clearInterval(timer);
      expect(longest).toBeLessThan((performance.now() - start) / 2);
    }));

  it('says why an image has no verdict, and goes on with the others', () =>
    within(async guard => {
      const png = new Uint8Array(await readFile(join(context.path, 'probes/0.png')));
      const torn = png.subarray(0, png.length / 2);
      const outcomes = await guard.checkBatch([png, torn, new Uint8Array(), png]);
      expect(outcomes[1]).toMatchObject({ id: '1', refusal: { code: 'IMAGE_CORRUPT' } });
      expect(outcomes[2]).toMatchObject({ refusal: { code: 'IMAGE_EMPTY' } });
      expect(outcomes.filter(outcome => 'verdict' in outcome).map(({ id }) => id)).toEqual(['0', '3']);
      await expect(guard.check(torn)).rejects.toMatchObject({
        name: 'GuardError',
        code: 'BAD_INPUT',
        details: { reasonCode: 'IMAGE_CORRUPT' },
      });
    }));

  it('explains a score: terms that add up to it, the nearest class, the surprising dimensions', () =>
    within(async guard => {
      const sample = await glyphs('test', 1).read(40);
      const { verdict, density, nearestClass, features, detector } = await guard.explain(sample.pixels);
      expect(detector).toBe('fde-flow');
      expect(-density!.logProb).toBeCloseTo(verdict.score, 2);
      const sum = density!.layers.reduce((total, { logDet }) => total + logDet, density!.base);
      expect(sum).toBeCloseTo(density!.logProb, 6);
      expect(nearestClass!.name).toBe(glyphClasses[sample.label!]);
      for (const list of [features, density!.latents]) {
        const sizes = list.map(({ deviations }) => Math.abs(deviations));
        expect(sizes).toHaveLength(5);
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      }
      expect(await guard.check(sample.pixels)).toMatchObject(essence(verdict));
    }));

  it('finishes the calls under way when closed, refuses new ones, and ends streams with an error', async () => {
    const png = new Uint8Array(await readFile(join(context.path, 'probes/1.png')));
    for (const worker of [true, false]) {
      const guard = await openGuard(context.path, { worker });
      const stream = guard.checkStream(
        Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, bytes: png })),
        {
          batchSize: 2,
        },
      );
      await stream.next();
      const calls = [
        guard.check(png),
        guard.checkBatch([png, png, png], { batchSize: 1 }),
        guard.explain(png),
      ];
      await Promise.all([guard.close(), guard.close()]);
      expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(
        calls.map(() => 'fulfilled'),
      );
      const rest = async () => {
        for await (const _ of stream);
      };
      await expect(rest()).rejects.toMatchObject({ code: 'CLOSED' });
    }
  });

  it('fails the calls of a thread that has ended, and starts another for the next', async () => {
    let thread: Worker | undefined;
    process.once('worker', worker => {
      thread = worker;
    });
    const guard = await openGuard(context.path);
    const png = new Uint8Array(await readFile(join(context.path, 'probes/1.png')));
    const before = await guard.check(png);
    const call = guard.checkBatch(Array.from({ length: 300 }, () => png)).catch((error: unknown) => error);
    await thread!.terminate();
    expect(await call).toMatchObject({ code: 'WORKER_FAILED', kind: 'environment' });
    expect(essence(await guard.check(png))).toEqual(essence(before));
    await guard.close();
    await expect(guard.check(png)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('ends an aborted call at once, also one that waits for its turn, and refuses more than may wait', () =>
    within(
      async guard => {
        const png = new Uint8Array(await readFile(join(context.path, 'probes/1.png')));
        const long = guard.checkBatch(
          Array.from({ length: 400 }, () => png),
          { batchSize: 200 },
        );
        // Both of its batches are under way: whoever comes now waits.
        await new Promise(resolve => setTimeout(resolve, 20));
        const controllers = [new AbortController(), new AbortController()];
        const waiting = controllers.map(({ signal }) =>
          guard.check(png, { signal }).catch((error: unknown) => error),
        );
        await expect(guard.check(png)).rejects.toMatchObject({ code: 'QUEUE_FULL', kind: 'environment' });
        const start = performance.now();
        for (const controller of controllers) controller.abort(new Error('enough'));
        expect(await Promise.all(waiting)).toMatchObject([
          { code: 'ABORTED', kind: 'aborted' },
          { code: 'ABORTED', cause: { message: 'enough' } },
        ]);
        const waited = performance.now() - start;
        await long;
        expect(waited).toBeLessThan((performance.now() - start) / 2);
        expect(await guard.check(png)).toMatchObject({ score: expect.any(Number) });
      },
      { queue: 3 },
    ));

  it('refuses inputs that throw when they are read, each alone', () =>
    within(async guard => {
      const png = new Uint8Array(await readFile(join(context.path, 'probes/0.png')));
      const throwing = (name: string) => ({
        get [name]() {
          throw new Error(`no ${name}`);
        },
      });
      const inputs = [throwing('width'), png, throwing('data'), png] as never[];
      const codes = (outcomes: readonly object[]) =>
        outcomes.map(outcome =>
          'refusal' in outcome ? (outcome.refusal as { code: string }).code : 'verdict',
        );
      const expected = ['SAMPLE_INVALID', 'verdict', 'SAMPLE_INVALID', 'verdict'];
      expect(codes(await guard.checkBatch(inputs))).toEqual(expected);
      const samples = [
        throwing('bytes'),
        { id: 'b', bytes: png },
        throwing('id'),
        { id: Symbol('d'), bytes: png },
      ];
      const streamed = [];
      for await (const outcome of guard.checkStream(samples as never[])) streamed.push(outcome);
      expect(codes(streamed)).toEqual(expected);
      expect(streamed.map(({ id }) => id)).toEqual(['undefined', 'b', '2', 'Symbol(d)']);
    }));

  it('refuses options that do not exist', async () => {
    await expect(openGuard(context.path, { thread: 2 } as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('got "thread"'),
    });
    await within(async guard => {
      const png = new Uint8Array(1);
      await expect(guard.check(png, { sginal: null } as never)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
      await expect(guard.checkBatch([png], { batchSize: 0 })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
      expect(() => guard.checkStream([], { batchSize: 1.5 })).toThrow(/batchSize/);
    });
  });

  it('says what an input has to be to a caller without types, and goes on with the others', () =>
    within(async guard => {
      const png = new Uint8Array(await readFile(join(context.path, 'probes/0.png')));
      const extra = { width: 1, height: 1, channels: 3, data: new Uint8Array(3), show() {} };
      const inputs = ['photo.png', undefined, png.buffer, [1, 2], extra, png] as never[];
      const outcomes = await guard.checkBatch(inputs);
      expect(outcomes.map(outcome => ('refusal' in outcome ? outcome.refusal.code : 'verdict'))).toEqual([
        // Texts are inputs of other guards.
        'MODEL_INPUT_MISMATCH',
        ...Array.from({ length: 3 }, () => 'SAMPLE_INVALID'),
        'verdict',
        'verdict',
      ]);
      for (const call of [() => guard.check(inputs[0]!), () => guard.explain(inputs[0]!)])
        await expect(call()).rejects.toMatchObject({
          code: 'BAD_INPUT',
          message: expect.stringContaining('the bytes of an image file'),
        });
      await expect(guard.check(inputs[0]!)).rejects.toThrow('got a text; a file must be read first');
    }));

  it('refuses calls after it was closed, and closes twice in peace', async () => {
    const guard = await openGuard(context.path);
    await guard.close();
    await guard.close();
    await expect(guard.check(new Uint8Array(1))).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('stops when aborted', () =>
    within(async guard => {
      const reason = new Error('enough');
      await expect(guard.checkBatch([], { signal: AbortSignal.abort(reason) })).resolves.toEqual([]);
      const call = guard.check(new Uint8Array(1), { signal: AbortSignal.abort(reason) });
      await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    }));
});
