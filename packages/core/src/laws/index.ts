export { expectClose, expectEqual, expectRefusal, expectThat, type Law } from './law.ts';
