import * as tf from '@tensorflow/tfjs';

/**
 * Where to train: `onnx` is the recorded graph in an ONNX runtime; `tfjs` is the active TensorFlow.js backend, eagerly;
 * `auto` is `tfjs` where the native GPU backend is installed and sees a GPU, else `onnx`.
 */
export type EngineChoice = 'auto' | 'onnx' | 'tfjs';

export interface ChosenEngine {
  readonly engine: 'onnx' | 'tfjs';
  /** Why `auto` did not take the GPU backend although it is installed. */
  readonly note?: string;
}

const gpuPackage = '@tensorflow/tfjs-node-gpu';

function importGpuPackage(): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ gpuPackage);
}

/** Resolves `auto`; `load` imports the GPU package, which registers and activates its backend. */
export async function chooseEngine(choice: EngineChoice, load = importGpuPackage): Promise<ChosenEngine> {
  if (choice !== 'auto') return { engine: choice };
  const gpu = await loadGpuBackend(load);
  if (gpu === true) return { engine: 'tfjs' };
  return gpu === undefined ? { engine: 'onnx' } : { engine: 'onnx', note: gpu };
}

/** `true` with a GPU, `undefined` where the package is not installed, else why it is of no use. */
async function loadGpuBackend(load: () => Promise<unknown>): Promise<true | string | undefined> {
  const active = tf.getBackend();
  try {
    await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(gpuPackage)) return undefined;
    return `${gpuPackage} is installed but cannot be loaded (${message.split('\n')[0]}); see "GPU" in the README of @ood/flows`;
  }
  const backend = tf.findBackend('tensorflow') as { isUsingGpuDevice?: boolean } | null;
  if (backend?.isUsingGpuDevice) {
    await tf.setBackend('tensorflow');
    return true;
  }
  if (active) await tf.setBackend(active);
  return `${gpuPackage} sees no GPU; see "GPU" in the README of @ood/flows`;
}
