export { expectClose, expectEqual, expectRefusal, expectThat } from './expect.ts';
export type { Law } from './law.ts';
