import type { Io } from '../../io.ts';

export interface DemoOptions {
  readonly out: string;
  readonly seed: number;
  readonly json: boolean;
}

export async function runDemo(_options: DemoOptions, _io: Io): Promise<void> {}
