export { checkModel, requireValid } from './check-model.ts';
export type { Problem, ProblemCode } from './problem.ts';
