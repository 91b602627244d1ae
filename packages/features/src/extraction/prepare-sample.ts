import type { TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { Preprocessing } from '../preprocessing/preprocessing.ts';
import { sampleKind } from './kinds.ts';
import { singleInput } from './model-inputs.ts';
import type { PreparedRow, PrepareOptions, SamplePreparer } from './prepared.ts';
import type { PreparedTensor } from './prepared-tensor.ts';
import { isTensor } from './prepared-tensor.ts';
import type { Sample } from './sample.ts';

/** A preparer of every kind of sample: vectors and tensors go to the model as they are, all others through the preprocessing. */
export async function samplePreparer(
  inputs: readonly TensorInfo[],
  preprocessing: Preprocessing | undefined,
  options: PrepareOptions,
): Promise<SamplePreparer> {
  const prepared = preprocessing && (await sampleKind(preprocessing).prepare(inputs, preprocessing, options));
  return {
    ...prepared,
    prepare(sample) {
      if ('vector' in sample) return vectorRow(inputs, sample.vector);
      if ('unreadable' in sample)
        throw new FeaturesError('SAMPLE_INVALID', {
          where: 'sample',
          expected: 'one that can be read',
          got: sample.unreadable,
        });
      if ('tensors' in sample) return tensorsRow(sample.tensors);
      if (prepared) return prepared.prepare(sample);
      throw new FeaturesError('INVALID_OPTION', {
        where: 'extract',
        expected: `a preprocessing, since the samples are ${'text' in sample ? 'texts' : 'waveform' in sample ? 'recordings' : 'images'}`,
        got: 'none',
        advice: "pass preprocessing: preset('imagenet'), or the model's own",
      });
    },
  };
}

function vectorRow(inputs: readonly TensorInfo[], vector: Float32Array): PreparedRow {
  const { name } = singleInput(inputs);
  return { [name]: { type: 'float32', dims: [vector.length], data: vector } };
}

function tensorsRow(tensors: Extract<Sample, { tensors: unknown }>['tensors']): PreparedRow {
  for (const [name, tensor] of Object.entries(tensors))
    if (!isTensor(tensor))
      throw new FeaturesError('SAMPLE_INVALID', {
        where: `tensor '${name}'`,
        expected: '{ type, dims, data } with as many numbers of the type as dims say',
        got: describeTensor(tensor),
        advice: 'correct the sample',
        details: { name },
      });
  return tensors;
}

function describeTensor(tensor: PreparedTensor): string {
  const { type, dims, data } = Object(tensor) as Partial<PreparedTensor>;
  const sizes = Array.isArray(dims) ? `[${dims.join(', ')}]` : 'no dims';
  return `${type}, ${sizes}, ${data?.constructor?.name ?? 'nothing'} of ${data?.length ?? 0}`;
}
