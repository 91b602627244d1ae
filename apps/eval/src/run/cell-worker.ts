import { errorToData } from '@ood/core';
import { type CellRequest, cellServer } from './serve-cell.ts';

/** What the process answers: the cell is kept, or why there is none. */
export type CellAnswer = { readonly done: true } | { readonly error: ReturnType<typeof errorToData> };

// Ctrl-C reaches all processes of a terminal; whoever started this one ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

const serve = cellServer();

process.on('message', async (request: CellRequest) => {
  const answer = await serve(request).then(
    (): CellAnswer => ({ done: true }),
    (error: unknown): CellAnswer => ({ error: errorToData(error) }),
  );
  process.send?.(answer);
});
