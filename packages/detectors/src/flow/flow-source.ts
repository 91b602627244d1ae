import type { LabelledRows, RowSource } from '@ood/flows';
import type { FitSettings } from '../contract/method.ts';
import type { Matrix, TrainingRows, TrainingSource, TrainingStream } from '../contract/rows.ts';
import { isStream, openTraining } from '../contract/training.ts';
import type { Products } from '../linear-algebra/products.ts';
import { float32 } from './float32.ts';

export interface FlowSourceOptions extends Pick<FitSettings, 'head' | 'signal'> {
  readonly where: string;
  readonly products: Products;
}

/** The checked rows as a flow takes them: a matrix stays one, a stream stays a stream. */
export async function flowSource(source: TrainingSource, options: FlowSourceOptions): Promise<RowSource> {
  const first = isStream(source) ? await firstPart(source) : source;
  const hasClasses = first.labels !== undefined || first.logits !== undefined || options.head !== undefined;
  const training = openTraining(source, {
    ...options,
    needs: hasClasses ? ['features', 'labels'] : ['features'],
  });
  const labelled = ({ features, labels }: { features: Matrix; labels: Int32Array }): LabelledRows => ({
    ...float32(features),
    ...(hasClasses && { labels }),
  });
  if (isStream(source)) {
    return {
      async *open() {
        for await (const block of training.blocks()) yield labelled(block);
      },
    };
  }
  const labels: number[] = [];
  for await (const block of training.blocks()) for (const label of block.labels) labels.push(label);
  return labelled({ features: source.features!, labels: Int32Array.from(labels) });
}

async function firstPart(source: TrainingStream): Promise<TrainingRows> {
  for await (const part of source.open()) return part;
  return {};
}
