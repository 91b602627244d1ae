import type { Cell } from './cells.ts';
export const studyReport = (_: readonly Cell[]): string => '';
