import type { Io, TextSink } from '../io.ts';

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
      redraw(io.stderr, `${title.padEnd(TITLE_CELLS)} ${bar(fraction)} ${detail}`);
    },
    done: detail => {
      redraw(io.stderr, finished(title, io.now() - start, detail));
      io.stderr.write('\n');
    },
  };
}

function finished(title: string, milliseconds: number, detail = ''): string {
  return `${title.padEnd(TITLE_CELLS)} ${(milliseconds / 1000).toFixed(1).padStart(6)} s  ${detail}`.trimEnd();
}

function bar(fraction: number | undefined): string {
  if (fraction === undefined) return '…'.padEnd(BAR_CELLS);
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_CELLS);
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
}

function redraw(sink: TextSink, line: string): void {
  // A pseudo-terminal may say that it has no columns at all.
  const width = sink.columns || 80;
  sink.write(`\r\u001b[2K${line.slice(0, width - 1)}`);
}
