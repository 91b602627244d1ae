import * as ort from 'onnxruntime-web/wasm';
import { createWebRuntime } from './web-runtime.ts';

export { createWebRuntime, type OrtWeb } from './web-runtime.ts';

/** onnxruntime-web's WebAssembly build. For others (WebGPU …) use `createWebRuntime`. */
export const webRuntime = createWebRuntime(ort);
