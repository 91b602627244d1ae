import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Program that is run. Default: the command line. */
  readonly program?: string;
  /** Modules that are loaded before. */
  readonly preload?: readonly string[];
  /** Where stdout goes. Default: a pipe. */
  readonly stdout?: number | 'pipe';
  /** Largest file that the process may write, in units of 1,024 bytes. */
  readonly fileLimit?: number;
}

/** The command line as a process of its own, from the sources. */
export function startOod(args: readonly string[], options: StartOptions = {}) {
  const { cwd, env, program = bin, preload = [], stdout: out = 'pipe', fileLimit } = options;
  const flags = ['--conditions=@ood/source', '--import', import.meta.resolve('tsx')];
  const words = [...flags, ...preload.flatMap(module => ['--import', module]), program, ...args];
  const limited = ['-c', `ulimit -f ${fileLimit}; exec "$0" "$@"`, process.execPath, ...words];
  const [file, given] = fileLimit === undefined ? [process.execPath, words] : ['bash', limited];
  const child = spawn(file, given, {
    cwd,
    // The cache of tsx would run into the limit as well.
    env: { ...process.env, ...(fileLimit !== undefined && { TSX_DISABLE_CACHE: '1' }), ...env },
    stdio: ['pipe', out, 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout?.on('data', part => {
    text.stdout += part;
  });
  child.stderr?.on('data', part => {
    text.stderr += part;
    for (const { text: wanted, resolve } of waiting) if (text.stderr.includes(wanted)) resolve();
  });
  /** Resolves when stderr has said this. */
  const said = (wanted: string) =>
    new Promise<void>(resolve =>
      text.stderr.includes(wanted) ? resolve() : waiting.push({ text: wanted, resolve }),
    );
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    ...text,
  }));
  return { child, said, ended };
}
