import type { LabeledRows, Matrix, RowStream } from '@ood/core';
import type { LabeledMatrix, RowSource } from '@ood/flows';
import type { FitSettings } from '../contract/method.ts';
import type { TrainingSource } from '../contract/rows.ts';
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
  const labeled = ({ features, labels }: { features: Matrix; labels: Int32Array }): LabeledMatrix => ({
    ...float32(features),
    ...(hasClasses && { labels }),
  });
  if (isStream(source)) {
    return {
      async *open() {
        for await (const block of training.blocks()) yield labeled(block);
      },
    };
  }
  const labels: number[] = [];
  for await (const block of training.blocks()) for (const label of block.labels) labels.push(label);
  return labeled({ features: source.features!, labels: Int32Array.from(labels) });
}

async function firstPart(source: RowStream): Promise<LabeledRows> {
  for await (const part of source.open()) return part;
  return {};
}
