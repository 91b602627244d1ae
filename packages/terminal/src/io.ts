import { printable } from '@ood/core';

/** Everything a command may touch outside itself; handed in so that tests need no process of their own. */
export interface Io {
  /** Results, and nothing else. */
  readonly stdout: TextSink;
  /** Progress, warnings, errors. */
  readonly stderr: TextSink;
  /** Standard input, for the commands that take `-`. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted on the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

/** Where text for people goes. What a terminal would obey (escape sequences, overrides of direction) is shown, never sent. */
export interface TextSink {
  /** Writes lines. Names from outside are made `printable` before, since a line break in one would look like a line of ours. */
  write(text: string): void;
  /** Draws one line over the one before, within the width of the terminal. */
  redraw(line: string): void;
  /** Whether a person looks at it: allows lines that are redrawn. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}

/** A stream of characters as it is. */
export interface RawSink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}

/** The sink over a stream: the only way by which text reaches it. */
export function textSink(raw: RawSink): TextSink {
  return {
    write: text =>
      raw.write(
        text
          .split('\n')
          .map(line => printable(line))
          .join('\n'),
      ),
    redraw: line => {
      // A pseudo-terminal may say that it has no columns at all.
      const width = raw.columns || 80;
      raw.write(`\r\u001b[2K${printable(line).slice(0, width - 1)}`);
    },
    get isTerminal() {
      return raw.isTerminal;
    },
    get columns() {
      return raw.isTerminal ? raw.columns || 80 : undefined;
    },
  };
}
