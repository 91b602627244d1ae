import { writeCell } from './cells.ts';
import { type CellJob, measureCell } from './measure-cell.ts';
import { loadBackbone, type PreparedBackbone } from './prepare-backbone.ts';

/** A cell to be measured and kept. */
export interface CellRequest extends CellJob {
  readonly out: string;
  readonly backbone: PreparedBackbone;
}

/** What measures cells one after the other; the features of the last backbone stay in memory. */
export function cellServer(): (request: CellRequest) => Promise<void> {
  let loaded: { readonly digest: string; readonly parts: ReturnType<typeof loadBackbone> } | undefined;
  return async ({ out, backbone, ...job }) => {
    if (loaded?.digest !== backbone.digest)
      loaded = { digest: backbone.digest, parts: loadBackbone(backbone) };
    await writeCell(out, await measureCell(job, await loaded.parts, () => performance.now()));
  };
}
