/** The codec of the files of flows, for other files that hold some; it loads nothing else. */
export { FlowsError } from './errors.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
  type StoredArray,
} from './persistence/safetensors.ts';
