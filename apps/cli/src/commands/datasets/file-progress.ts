import { printable } from '@ood/core';
import type { EnsureOptions } from '@ood/datasets';
import { consecutiveStages, createProgress, fractionOf, type Io } from '@ood/terminal';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size in decimal units with three digits: `625 MB`, `1.33 GB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3 + 1e-12));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${UNITS[power]}`;
}

/** Progress of downloads and verifications as stages of the terminal; call `finish` at the end. */
export function fileProgress(io: Io, { silent }: { silent: boolean }) {
  const { update, finish } = consecutiveStages(createProgress(io, { silent }));
  const handlers: Pick<EnsureOptions, 'onProgress' | 'onWait' | 'signal'> = {
    signal: io.signal,
    onWait: ({ pid, host }) => {
      if (!silent)
        io.stderr.write(
          `waiting for process ${pid} on ${printable(host)}, which works on the same data set\n`,
        );
    },
    onProgress: ({ stage, file, done, total, reason }) => {
      if (stage === 'retry') {
        if (!silent)
          io.stderr.write(`${io.stderr.isTerminal ? '\n' : ''}trying again: ${printable(String(reason))}\n`);
        return;
      }
      const detail =
        total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
      update(`${stage} ${file}`, fractionOf({ done, total }), detail);
    },
  };
  return { handlers, finish };
}
