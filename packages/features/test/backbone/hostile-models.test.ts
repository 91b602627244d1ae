import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isOodError } from '@ood/core';
import { openBackbone } from '@ood/features';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../cases/hostile/', import.meta.url));

describe('a model that nobody vouched for', () => {
  it.each(['huge_in1.onnx', 'huge_in2.onnx', 'huge_in3.onnx'])(
    'with inputs of gigabytes is refused before they are allocated: %s',
    async name => {
      const before = process.memoryUsage().rss;
      await expect(openBackbone(folder + name)).rejects.toMatchObject({
        code: 'TOO_LARGE',
        where: expect.stringContaining('input'),
      });
      expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    },
  );

  it('that never ends is stopped at its deadline, and this thread stays free', async () => {
    let ticks = 0;
    const beat = setInterval(() => ticks++, 20);
    await expect(openBackbone(`${folder}loop.onnx`, { deadline: 1500, head: 'none' })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    });
    clearInterval(beat);
    expect(ticks).toBeGreaterThan(20);
  });

  it('that never ends is stopped by a signal', async () => {
    const signal = AbortSignal.timeout(1500);
    await expect(openBackbone(`${folder}loop.onnx`, { signal, head: 'none' })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('whose shapes double is stopped at the limit of memory, or before', async () => {
    const before = process.memoryUsage().rss;
    const opening = openBackbone(`${folder}shapedouble.onnx`, { maxMemory: 2 ** 30, deadline: 20_000 });
    await expect(opening).rejects.toSatisfy(error =>
      isOodError(error, 'TOO_LARGE', 'PROBE_FAILED', 'WORKER_FAILED'),
    );
    await setTimeout(10);
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
  });

  it.each(readdirSync(folder).filter(name => name.startsWith('onnxrt')))(
    'that was changed at random has a typed error: %s',
    async name => {
      const opened = await openBackbone(folder + name, { deadline: 20_000 }).catch((error: unknown) => error);
      if (opened instanceof Error) expect(isOodError(opened) ? '' : String(opened.stack)).toBe('');
      else await (opened as Awaited<ReturnType<typeof openBackbone>>).close();
    },
  );
});
