export { loadDetector, saveDetector } from './detector-file.ts';
