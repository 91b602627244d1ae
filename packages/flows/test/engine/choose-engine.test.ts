import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/engine/choose-engine.ts';
import { useQuietCpu } from '../support/eager.ts';

beforeAll(useQuietCpu);
afterEach(async () => {
  await tf.setBackend('cpu');
  if (tf.findBackend('tensorflow')) tf.removeBackend('tensorflow');
});

/** What importing the GPU package does: it registers its backend and makes it the active one. */
const register = (isUsingGpuDevice: boolean) => async () => {
  tf.registerBackend('tensorflow', () =>
    Object.assign(new tf.KernelBackend(), { isUsingGpuDevice, dispose: () => undefined }),
  );
  await tf.setBackend('tensorflow');
};

const failing = (code: string, message: string) => () =>
  Promise.reject(Object.assign(new Error(message), { code }));

describe('auto', () => {
  it('takes a GPU', async () => {
    expect(await chooseEngine('auto', register(true))).toEqual({ engine: 'tfjs' });
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it('takes the recorded engine, and leaves the backend as it was, where the package sees no GPU', async () => {
    const chosen = await chooseEngine('auto', register(false));
    expect(chosen).toMatchObject({ engine: 'onnx', note: expect.stringContaining('sees no GPU') });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('says nothing where the package is not installed', async () => {
    const missing = failing('ERR_MODULE_NOT_FOUND', "Cannot find package '@tensorflow/tfjs-node-gpu'");
    expect(await chooseEngine('auto', missing)).toEqual({ engine: 'onnx' });
  });

  it.each([
    [
      'the addon is missing',
      '',
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: x.\nPlease',
    ],
    ['its library is missing', 'ERR_DLOPEN_FAILED', 'libtensorflow.so.2: cannot open shared object file'],
  ])('says why where %s', async (_, code, message) => {
    const chosen = await chooseEngine('auto', failing(code, message));
    expect(chosen.engine).toBe('onnx');
    expect(chosen.note).toContain(message.split('\n')[0]);
    expect(chosen.note).toContain('README');
  });
});

it.each(['onnx', 'tfjs'] as const)(
  '%s is taken at its word, without a look at the GPU package',
  async choice => {
    expect(await chooseEngine(choice, failing('', 'never called'))).toEqual({ engine: choice });
  },
);
