export { type DetectorFixtures, detectorLaws, type Law } from './detector-laws.ts';
