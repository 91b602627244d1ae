export { memoryIo } from './memory-io.ts';
