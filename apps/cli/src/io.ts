/** Everything a command may touch outside itself; handed in so that tests need no process of their own. */
export interface Io {
  /** Results, and nothing else. */
  readonly stdout: TextSink;
  /** Progress, warnings, errors. */
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted on the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

export interface TextSink {
  write(text: string): void;
  /** Whether a person looks at it: allows colour and lines that are redrawn. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}
