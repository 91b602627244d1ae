export type { Law } from '@ood/core/laws';
export { bijectionLaws } from './bijection-laws.ts';
export type { BijectionFixtures } from './subject.ts';
