import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { extract, type FeatureModel, type Preprocessing, type Sample } from '@ood/features';
import { GuardError } from '../errors.ts';
import { FILES, type Manifest, PROBE_IMAGES, storesProbes } from '../folder/manifest.ts';
import { readTensors, type Wanted, writeTensors } from '../folder/tensors.ts';
import { judge } from '../open/verdict.ts';
import { asSource } from './as-source.ts';
import { PROBES, probeFiles, probeSamples } from './probe-inputs.ts';

/** Largest accepted difference from the stored values, relative to the largest of them: other engines and processors differ by about 1e-5. */
const TOLERANCE = 1e-3;
/** The same of p-values, which jump by 1 / (n + 1). */
const P_TOLERANCE = 0.02;

/** What a guard says of the probe inputs, array by array. */
interface Said {
  readonly features: Float32Array;
  /** Empty without a head. */
  readonly logits: Float32Array;
  readonly scores: Float32Array;
  readonly pValues: Float32Array;
  /** 1 where the input is called OOD. */
  readonly isOod: Int32Array;
}

type ProbedManifest = Pick<
  Manifest,
  'preprocessing' | 'input' | 'inputs' | 'featureSize' | 'classes' | 'calibration' | 'classNames' | 'backbone'
>;

export interface ProbeOptions {
  readonly manifest: ProbedManifest;
  readonly preprocessing: Preprocessing | undefined;
  /** Calibration scores, ascending. */
  readonly scores: Float32Array;
}

/** Writes the probe inputs and what the guard says of them into its folder. */
export async function writeProbes(folder: string, model: FeatureModel, options: ProbeOptions): Promise<void> {
  const { manifest } = options;
  await mkdir(dirname(join(folder, FILES.probes)), { recursive: true });
  const files = storesProbes(manifest) ? probeFiles() : [];
  for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
  const said = await ask(folder, model, options);
  const shapes = wantedOf(manifest);
  const arrays = Object.entries(shapes).map(([name, { shape }]) => [
    name,
    { shape: shape as readonly number[], data: said[name as keyof Said] },
  ]);
  await writeTensors(folder, FILES.probes, Object.fromEntries(arrays));
}

/**
 * Runs the stored probe inputs again: decoder, preprocessing, backbone, detector and decision must say what they said when the
 * guard was made.
 *
 * @throws GuardError `PROBE_MISMATCH`, `CORRUPT_FILE`
 */
export async function verifyProbes(
  folder: string,
  model: FeatureModel,
  options: ProbeOptions,
): Promise<void> {
  const { manifest } = options;
  const stored = await readTensors(folder, FILES.probes, wantedOf(manifest));
  const said = await ask(folder, model, options);
  const numbers = (name: string): ArrayLike<number> => stored[name]?.data ?? [];
  for (const name of ['features', 'logits', 'scores'] as const) {
    const { difference, largest } = compare(numbers(name), said[name]);
    if (!(difference <= TOLERANCE * largest))
      throw mismatch(
        folder,
        name,
        `to within ${TOLERANCE} of the largest`,
        (difference / largest).toPrecision(3),
      );
  }
  const { threshold } = manifest.calibration;
  const close = TOLERANCE * compare(numbers('scores'), said.scores).largest;
  for (let i = 0; i < PROBES; i++) {
    if (Math.abs(said.scores[i]! - threshold) <= close) continue;
    if (numbers('isOod')[i] !== said.isOod[i])
      throw mismatch(folder, 'verdicts', 'all the same', `another of probe ${i}`);
    const difference = Math.abs(numbers('pValues')[i]! - said.pValues[i]!);
    if (!(difference <= P_TOLERANCE))
      throw mismatch(folder, 'pValues', `to within ${P_TOLERANCE}`, difference.toPrecision(3));
  }
}

async function ask(
  folder: string,
  model: FeatureModel,
  { manifest, preprocessing, scores: calibration }: ProbeOptions,
): Promise<Said> {
  const samples: Sample[] = storesProbes(manifest)
    ? await Promise.all(
        PROBE_IMAGES.map(async id => ({ id, bytes: new Uint8Array(await readFile(join(folder, id))) })),
      )
    : probeSamples(manifest);
  const { features, logits, extra } = await extract(model, asSource(samples), {
    onBadSample: 'fail',
    ...(preprocessing && { preprocessing }),
    ...(typeof manifest.input.dims[0] !== 'number' && { batchSize: 1 }),
  });
  const scores = Float32Array.from(extra?.score?.data ?? []);
  const sorted = { sorted: Float64Array.from(calibration) };
  const verdicts = Array.from(scores, score => judge({ score }, manifest, sorted));
  return {
    features: Float32Array.from(features.data),
    logits: Float32Array.from(logits?.data ?? []),
    scores,
    pValues: Float32Array.from(verdicts, ({ pValue }) => pValue),
    isOod: Int32Array.from(verdicts, ({ isOod }) => (isOod ? 1 : 0)),
  };
}

function wantedOf({ featureSize, classes }: ProbedManifest): Wanted {
  return {
    features: { type: 'float32', shape: [PROBES, featureSize] },
    ...(classes !== null && { logits: { type: 'float32' as const, shape: [PROBES, classes] } }),
    scores: { type: 'float32', shape: [PROBES] },
    pValues: { type: 'float32', shape: [PROBES] },
    isOod: { type: 'int32', shape: [PROBES] },
  };
}

function mismatch(folder: string, output: string, how: string, got: string): GuardError {
  return new GuardError('PROBE_MISMATCH', {
    where: folder,
    expected: `the stored ${output} of ${PROBES} probe inputs, ${how}`,
    got:
      output === 'verdicts' ? got : `a difference of ${got}${output === 'pValues' ? '' : ' of the largest'}`,
    advice: 'decoder, preprocessing, model or engine changed what it says: restore them, or make a new guard',
    details: { output },
  });
}

function compare(stored: ArrayLike<number>, said: Float32Array): { difference: number; largest: number } {
  if (stored.length !== said.length) return { difference: Number.POSITIVE_INFINITY, largest: 1 };
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < stored.length; i++) {
    const [a, b] = [stored[i]!, said[i]!];
    // Not `Math.max`, which would keep a NaN only by luck of the order.
    const apart = Math.abs(a - b);
    if (!(apart <= difference)) difference = apart;
    largest = Math.max(largest, Math.abs(a));
  }
  return { difference, largest };
}
