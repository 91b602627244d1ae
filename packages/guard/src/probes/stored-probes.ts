import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  extract,
  type FeatureModel,
  type Preprocessing,
  readSafetensors,
  type Sample,
  writeSafetensors,
} from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import { asSource } from '../engine/as-source.ts';
import { splitColumns } from '../engine/score-model.ts';
import { GuardError } from '../errors.ts';
import { FILES } from '../folder/manifest.ts';
import { probeFiles, probeVectors } from './probe-inputs.ts';

/** Largest accepted difference from the stored values, relative to the largest of them: other engines and processors differ by about 1e-5. */
const TOLERANCE = 1e-3;

/** Writes the probe inputs and what the model says of them into a guard's folder; returns the names of the image files. */
export async function writeProbes(
  folder: string,
  model: FeatureModel,
  { preprocessing, input }: { readonly preprocessing: Preprocessing | undefined; readonly input: TensorInfo },
): Promise<string[]> {
  const files = preprocessing ? probeFiles() : [];
  await mkdir(dirname(join(folder, FILES.probes)), { recursive: true });
  for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
  const samples = preprocessing ? files.map(({ name, bytes }) => ({ id: name, bytes })) : probeVectors(input);
  const said = await ask(model, samples, preprocessing);
  await writeSafetensors(join(folder, FILES.probes), {
    features: {
      type: 'float32',
      dims: [samples.length, said.features.length / samples.length],
      data: said.features,
    },
    ...(said.logits && {
      logits: {
        type: 'float32',
        dims: [samples.length, said.logits.length / samples.length],
        data: said.logits,
      },
    }),
  });
  return files.map(({ name }) => name);
}

/**
 * Runs the stored probe inputs again: decoder, preprocessing and backbone must give what they gave when the guard was made.
 *
 * @throws GuardError `PROBE_MISMATCH`
 */
export async function verifyProbes(
  folder: string,
  model: FeatureModel,
  options: {
    readonly preprocessing: Preprocessing | undefined;
    readonly input: TensorInfo;
    readonly probes: readonly string[];
  },
): Promise<void> {
  const { preprocessing, probes, input } = options;
  const { tensors } = await readSafetensors(join(folder, FILES.probes));
  const samples = preprocessing
    ? await Promise.all(probes.map(async id => ({ id, bytes: await readFile(join(folder, id)) })))
    : probeVectors(input);
  const said = await ask(model, samples, preprocessing);
  for (const name of ['features', 'logits'] as const) {
    const stored = tensors[name]?.data as Float32Array | undefined;
    if (stored === undefined) continue;
    const [difference, largest] = compare(stored, said[name] ?? new Float32Array());
    if (difference <= TOLERANCE * largest) continue;
    throw new GuardError('PROBE_MISMATCH', {
      where: folder,
      expected: `the stored ${name} of ${samples.length} probe inputs, to within ${TOLERANCE} of the largest`,
      got: `a difference of ${(difference / largest).toPrecision(3)} of the largest`,
      advice:
        'decoder, preprocessing or engine changed what the model sees: restore them, or make a new guard',
      details: { output: name, difference, largest },
    });
  }
}

async function ask(
  model: FeatureModel,
  samples: readonly Sample[],
  preprocessing: Preprocessing | undefined,
) {
  const { features, logits } = await extract(model, asSource(samples), {
    onBadSample: 'fail',
    preprocessing,
    ...(typeof model.inputs[0]?.dims[0] !== 'number' && { batchSize: 1 }),
  });
  return { features: splitColumns(features).features.data, logits: logits?.data };
}

function compare(stored: Float32Array, said: Float32Array): [difference: number, largest: number] {
  if (stored.length !== said.length) return [Number.POSITIVE_INFINITY, 1];
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < stored.length; i++) {
    difference = Math.max(difference, Math.abs(stored[i]! - said[i]!));
    largest = Math.max(largest, Math.abs(stored[i]!));
  }
  return [difference, largest];
}
