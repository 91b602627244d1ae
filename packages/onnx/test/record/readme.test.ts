import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const AsyncFunction = (async () => {}).constructor as new (
  ...code: string[]
) => (...args: unknown[]) => Promise<unknown>;

it('runs the example of the README', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const example = /```js\n((?:(?!```)[\s\S])*@ood\/onnx\/record[\s\S]*?)```/.exec(readme)![1]!;
  const modules: Record<string, unknown> = {
    '@ood/onnx/node': await import('@ood/onnx/node'),
    '@ood/onnx/record': await import('@ood/onnx/record'),
    '@tensorflow/tfjs': await import('@tensorflow/tfjs'),
  };
  const body = example
    .replace(/import \* as (\w+) from '(.+)';/g, "const $1 = modules['$2'];")
    .replace(/import (\{.+\}) from '(.+)';/g, "const $1 = modules['$2'];");
  const results = (await new AsyncFunction('modules', `${body}; return results;`)(modules)) as Record<
    string,
    { data: Float32Array }
  >;
  const numbers = Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data)]),
  );
  const promised = /\/\/ results: loss (\S+), grad\.w (\[.+?\]), grad\.b (\[.+?\])/.exec(example)!.slice(1);
  const [loss, w, b] = promised.map(text => JSON.parse(text));
  expect(numbers).toEqual({ loss: [loss], 'grad.w': w, 'grad.b': b });
});
