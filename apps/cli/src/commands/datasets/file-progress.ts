import type { EnsureOptions } from '@ood/datasets';
import type { Io } from '../../io.ts';
import { createProgress, type Stage } from '../../output/progress.ts';
import { formatBytes } from './format-bytes.ts';

/** Progress of downloads and verifications as stages of the terminal; call `done` at the end. */
export function fileProgress(io: Io, { silent }: { silent: boolean }) {
  const progress = createProgress(io, { silent });
  let current: { readonly title: string; readonly stage: Stage; detail: string } | undefined;
  const finish = () => {
    current?.stage.done(current.detail);
    current = undefined;
  };
  const handlers: Pick<EnsureOptions, 'onProgress' | 'onWait' | 'signal'> = {
    signal: io.signal,
    onWait: ({ pid, host }) => {
      if (!silent)
        io.stderr.write(`waiting for process ${pid} on ${host}, which works on the same data set\n`);
    },
    onProgress: ({ stage, file, done, total, reason }) => {
      if (stage === 'retry') {
        if (!silent) io.stderr.write(`${io.stderr.isTerminal ? '\n' : ''}trying again: ${reason}\n`);
        return;
      }
      const title = `${stage} ${file}`;
      if (current?.title !== title) {
        finish();
        current = { title, stage: progress.stage(title), detail: '' };
      }
      current.detail =
        total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
      current.stage.update(total === undefined ? undefined : done / total, current.detail);
    },
  };
  return { handlers, finish };
}
