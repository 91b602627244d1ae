export type {
  ElementArrays,
  ElementType,
  Runtime,
  Session,
  SessionOptions,
  Tensor,
  TensorInfo,
} from './session/session.ts';
