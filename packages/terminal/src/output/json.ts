import type { Io } from '../io.ts';

/** What JSON leaves as it is and a terminal obeys. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A document as JSON whose text a terminal can show: what it would obey is written as `\u009b`, which means the same. */
export function jsonText(document: object): string {
  const text = JSON.stringify(document, null, 2);
  return `${text.replace(OBEYED, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** Prints the one JSON document of a command on stdout. */
export function writeJson(io: Io, document: object): void {
  io.stdout.write(jsonText({ schemaVersion: 1, ...document }));
}
