import { isOodError } from '@ood/core';
import type { ModelProto, Session } from '@ood/onnx';
import type { ToOnnxOptions } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { Scorer } from '../contract/method.ts';
import { openSession } from '../contract/open-session.ts';
import { flowModel } from '../flow/flow-graph.ts';
import { exportedModel } from '../formula/exported-model.ts';
import { Formula, type Value } from '../formula/formula.ts';
import { formulaScorer } from '../formula/formula-method.ts';
import { unitRows } from '../formula/terms.ts';
import { joinScores } from '../fusion/fused-graph.ts';
import { closedScores, type DensityPart } from './density-part.ts';
import { type FlowScores, flowScores } from './flow-scores.ts';
import { joined } from './joined-evidence.ts';
import { neighborDistance } from './local-density.ts';

/** A fitted density: a part, and how its evidence is joined. Without scales it is the distance alone. */
export interface Density extends DensityPart {
  readonly weight: number;
}

export function densityScorer(density: Density, environment: Environment): Scorer {
  if (density.arrays.flow) return flowDensityScorer(density, environment);
  const graph = () => {
    const f = new Formula('float64');
    const inputs = [{ name: 'features', cols: columnsOf(density) }];
    return f.finish(closedDensity(f, { name: 'features' }, density), { inputs, output: 'score' });
  };
  return formulaScorer(['features'], graph, environment, { widest: density.arrays.bank!.shape[0]! });
}

/** The density as a float32 model. */
export async function densityModel(density: Density, names: Required<ToOnnxOptions>): Promise<ModelProto> {
  const { arrays, organized } = density;
  if (!arrays.flow) {
    const f = new Formula('float32');
    const inputs = [{ name: names.features, cols: columnsOf(density) }];
    return exportedModel(
      f.finish(closedDensity(f, { name: names.features }, density), { inputs, output: names.score }),
      names.opset,
    );
  }
  const models = [flowModel(arrays.scoring!, names.features)];
  if (organized) models.push(flowModel(arrays.latent!, names.features));
  return joinScores(models, names, (f, [logProb, latent]) => {
    const query = latent ?? unitRows(f, { name: names.features });
    const model = f.negate(f.unsqueeze(logProb!, -1));
    return joined(f, { model, neighbors: distanceOf(f, query, density) }, density);
  });
}

function closedDensity(f: Formula, features: Value, density: Density): Value {
  if (!isJoined(density)) return distanceOf(f, unitRows(f, features), density);
  return joined(f, closedScores(f, features, density), density);
}

/** A flow computes in float32, the rest in float64. */
function flowDensityScorer(density: Density, environment: Environment): Scorer {
  let opening: Promise<{ readonly scores: FlowScores; readonly session: Session }> | undefined;
  const open = async () => {
    const f = new Formula('float64');
    const inputs = ['model', 'neighbors'].map(name => ({ name, cols: 1 }));
    const score = joined(f, { model: { name: 'model' }, neighbors: { name: 'neighbors' } }, density);
    return {
      scores: flowScores(density, environment),
      session: await openSession(f.finish(score, { inputs, output: 'score' }), environment),
    };
  };
  return {
    async score({ features }, { signal }) {
      if (features.rows === 0) return new Float64Array(0);
      opening ??= open();
      const { scores, session } = await opening;
      const both = await scores.both(features, { signal });
      const column = (data: Float64Array) => ({
        type: 'float64' as const,
        dims: [features.rows, 1],
        data,
      });
      const { score } = await session.run({ model: column(both.model), neighbors: column(both.neighbors) });
      return Float64Array.from(score!.data as Float64Array);
    },
    async close() {
      const opened = await opening?.catch((error: unknown) => {
        if (isOodError(error)) return undefined;
        throw error;
      });
      await opened?.scores.close();
      await opened?.session.close();
    },
  };
}

function isJoined({ arrays }: Density): boolean {
  return arrays['joined.knots'] !== undefined;
}

function distanceOf(f: Formula, rows: Value, { arrays, neighbor }: Density): Value {
  return neighborDistance(f, rows, { bank: arrays.bank!, neighbor });
}

function columnsOf({ arrays }: Density): number {
  return arrays.mean?.shape[0] ?? arrays.bank!.shape[1]!;
}
