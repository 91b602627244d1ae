export type { Law } from '@ood/core/laws';
export { type BijectionFixtures, bijectionLaws } from './bijection-laws.ts';
