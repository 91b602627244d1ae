export type { Law } from '@ood/core/laws';
export { type DetectorFixtures, detectorLaws } from './detector-laws.ts';
