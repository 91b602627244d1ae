/** What the process returns: see the table in the README. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  gateMissed: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
