import type { Io } from '../io.ts';

/** Prints the one JSON document of a command on stdout. */
export function writeJson(io: Io, document: object): void {
  io.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...document }, null, 2)}\n`);
}
