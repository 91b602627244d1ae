import { expect, it } from 'vitest';
import { memoryIo } from '../memory-io.ts';
import { createProgress } from './progress.ts';

it('writes one line per stage where nobody watches', () => {
  const { io, written } = memoryIo();
  const stage = createProgress(io).stage('extracting');
  stage.update(0.5, '12 images/s');
  stage.done('100 images');
  expect(written.stderr).toMatch(/^extracting +\d+\.\d s {2}100 images\n$/);
});

it('redraws a bar within the width of a terminal', () => {
  const { io, written } = memoryIo({ terminal: true });
  const stage = createProgress(io).stage('training');
  stage.update(0.5, 'x'.repeat(200));
  stage.done();
  const [, drawn] = written.stderr.split('\u001b[2K');
  expect(drawn).toContain('████████████░░░░░░░░░░░░');
  expect(drawn!.length).toBeLessThanOrEqual(100);
  expect(written.stderr.endsWith('\n')).toBe(true);
});

it('draws whole lines on a terminal that says it has no columns', () => {
  const { io, written } = memoryIo({ terminal: true, columns: 0 });
  const stage = createProgress(io).stage('training');
  stage.update(0.5, '12 images/s');
  stage.done('100 images');
  expect(written.stderr).toMatch(/ 12 images\/s\r.* 100 images\n$/);
});

it('is silent when told so', () => {
  const { io, written } = memoryIo({ terminal: true });
  createProgress(io, { silent: true }).stage('training').done();
  expect(written.stderr).toBe('');
});
