import type { Graph } from '../graph/graph.ts';
import { eliminateDead } from './eliminate-dead.ts';
import { foldScalars } from './fold-scalars.ts';
import { fuseGemm } from './fuse-gemm.ts';
import { identities } from './identities.ts';
import { joinPads } from './join-pads.ts';
import { layouts } from './layouts.ts';
import { reluMask } from './relu-mask.ts';
import { rewrite } from './rewriter.ts';

/**
 * The same function in fewer and faster nodes. What every runtime does itself (folding larger constants, fusing
 * activations) is left to it.
 */
export function optimize(graph: Graph): Graph {
  const simple = rewrite(graph, [foldScalars, identities, layouts, reluMask]);
  return eliminateDead(fuseGemm(joinPads(eliminateDead(simple))));
}
