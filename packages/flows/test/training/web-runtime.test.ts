import { webRuntime } from '@ood/onnx/web';
import { expect, it } from 'vitest';
import { fit, glow } from '../../src/index.ts';
import { expectClose } from '../support/close.ts';
import { clusters } from '../support/rows.ts';

it('trains in this thread on onnxruntime-web, to the weights of onnxruntime-node', async () => {
  const rows = clusters({ rows: 200, cols: 4, seed: 21 });
  const options = {
    epochs: 3,
    batchSize: 40,
    learningRate: 1e-3,
    epsilon: 1e-3,
    noise: 0.1,
    threads: 1,
    validationFraction: 0.1,
  };
  const [web, node] = [
    await fit(glow({ blocks: 2 }), rows, { ...options, runtime: webRuntime }),
    await fit(glow({ blocks: 2 }), rows, options),
  ];
  expectClose([web.history.best!.loss], [node.history.best!.loss], 1e-4);
  for (const [name, { data }] of Object.entries(node.flow.weights.parameters)) {
    expectClose(web.flow.weights.parameters[name]!.data, data, 1e-3);
  }
  expect(web.flow.about).toMatchObject({ computedBy: expect.stringContaining('web') });
});
