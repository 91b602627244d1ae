import type { EnsureOptions } from '@ood/datasets';
import type { Io } from '../../io.ts';
import { consecutiveStages } from '../../output/consecutive-stages.ts';
import { createProgress } from '../../output/progress.ts';
import { formatBytes } from './format-bytes.ts';

/** Progress of downloads and verifications as stages of the terminal; call `finish` at the end. */
export function fileProgress(io: Io, { silent }: { silent: boolean }) {
  const { update, finish } = consecutiveStages(createProgress(io, { silent }));
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
      const detail =
        total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
      update(`${stage} ${file}`, total === undefined ? undefined : done / total, detail);
    },
  };
  return { handlers, finish };
}
