import type { Graph } from '../graph/graph.ts';
import { eliminateDead } from './eliminate-dead.ts';
import { fuseGemm } from './fuse-gemm.ts';
import { identities } from './identities.ts';
import { layouts } from './layouts.ts';
import { rewrite } from './rewriter.ts';

/**
 * The same function in fewer nodes. What every runtime does itself (folding constants, fusing activations) is left to it; each pass
 * here pays in the size of the graphs of flows (docs/decisions/recorded-graphs.md).
 */
export function optimize(graph: Graph): Graph {
  return eliminateDead(fuseGemm(eliminateDead(rewrite(graph, [identities, layouts]))));
}
