import { printable } from '@ood/core';
import type { Io } from '../io.ts';

/** One stage of a long command: redrawn in place on a terminal, a line at its end elsewhere. */
export interface Stage {
  /** @param fraction done so far, 0 to 1, or undefined where the end is not known. */
  update(fraction: number | undefined, detail?: string): void;
  done(detail?: string): void;
}

export interface Progress {
  stage(title: string): Stage;
}

const SILENT: Stage = { update: () => {}, done: () => {} };
const REDRAW_MILLISECONDS = 80;
const BAR_CELLS = 24;
const TITLE_CELLS = 26;

/** Progress on stderr; nothing at all when `silent` (as for `--json`). */
export function createProgress(io: Io, { silent = false }: { silent?: boolean } = {}): Progress {
  if (silent) return { stage: () => SILENT };
  return { stage: title => (io.stderr.isTerminal ? terminalStage(title, io) : lineStage(title, io)) };
}

/** Stages one after the other: news of another title ends the stage before. Call `finish` at the end. */
export function consecutiveStages(progress: Progress) {
  let current: { readonly title: string; readonly stage: Stage; detail: string } | undefined;
  const finish = (): void => {
    current?.stage.done(current.detail);
    current = undefined;
  };
  const update = (title: string, fraction: number | undefined, detail: string): void => {
    if (current?.title !== title) {
      finish();
      current = { title, stage: progress.stage(title), detail };
    }
    current.detail = detail;
    current.stage.update(fraction, detail);
  };
  return { update, finish };
}

/** The share of a total that is done; undefined where the total is not known. */
export function fractionOf({ done, total }: { readonly done: number; readonly total?: number | undefined }) {
  return total === undefined || total === 0 ? undefined : done / total;
}

/** What is shown beside the progress of an extraction. */
export function extractionDetail({
  imagesPerSecond,
  failures = 0,
}: {
  readonly imagesPerSecond?: number | undefined;
  readonly failures?: number | undefined;
}): readonly string[] {
  return [
    ...(imagesPerSecond === undefined ? [] : [`${Math.round(imagesPerSecond)} images/s`]),
    ...(failures === 0 ? [] : [`${failures} unusable`]),
  ];
}

function lineStage(title: string, io: Io): Stage {
  const start = io.now();
  return {
    update: () => {},
    done: detail => io.stderr.write(`${finished(title, io.now() - start, detail)}\n`),
  };
}

function terminalStage(title: string, io: Io): Stage {
  const start = io.now();
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    update: (fraction, detail = '') => {
      if (io.now() - drawn < REDRAW_MILLISECONDS) return;
      drawn = io.now();
      io.stderr.redraw(`${title.padEnd(TITLE_CELLS)} ${bar(fraction)} ${detail}`);
    },
    done: detail => {
      io.stderr.redraw(finished(title, io.now() - start, detail));
      io.stderr.write('\n');
    },
  };
}

function finished(title: string, milliseconds: number, detail = ''): string {
  const seconds = (milliseconds / 1000).toFixed(1).padStart(6);
  return printable(`${title.padEnd(TITLE_CELLS)} ${seconds} s  ${detail}`.trimEnd());
}

function bar(fraction: number | undefined): string {
  if (fraction === undefined) return '…'.padEnd(BAR_CELLS);
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_CELLS);
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
}
