import { basename, join, resolve } from 'node:path';
import { anything, having, type Rule, requireOptions, throwIfAborted, whole } from '@ood/core';
import { withLock } from '@ood/core/node';
import type { Samples } from '@ood/features';
import { cutModel, type ModelProto, type Runtime } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { readCalibration } from '../engine/read-calibration.ts';
import { GuardError } from '../errors.ts';
import { FILES, inputsOf, type Manifest } from '../folder/manifest.ts';
import { isSha256 } from '../folder/manifest-shape.ts';
import { readFolder } from '../folder/read-folder.ts';
import { type Key, verifyingKey } from '../folder/signature.ts';
import { appendDecision } from '../graph/decision-graph.ts';
import { OUTPUTS } from '../graph/output-names.ts';
import { batchOf } from '../graph/score-graph.ts';
import { guardMetadata, withMetadata } from './guard-metadata.ts';
import { measureParity } from './measure-parity.ts';
import type { Parity } from './parity.ts';
import { writeExported } from './write-exported.ts';

export interface ExportGuardOptions {
  /** Inputs on which the file is compared with the guard. Default: reproducible synthetic ones. */
  readonly sample?: Samples | undefined;
  /** Default: onnxruntime-node. */
  readonly runtime?: Runtime | undefined;
  /** Threads of the runtime for the comparison. Default: its own choice. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The digest that the guard must have, and who must have signed it, as for `openGuard`. */
  readonly digest?: string | undefined;
  readonly verify?: Key | undefined;
}

/** How the exported file compares with what it was made from. */
export interface ParityReport {
  readonly format: 'ood-guard-parity';
  readonly version: 2;
  /** Name of the exported file, without its folder. */
  readonly file: string;
  /** Its SHA-256: the report is of this file, and of no other that has its name. */
  readonly sha256: string;
  readonly runtime: string;
  /** Threads that it was given; `null`: its own choice. */
  readonly threads: number | null;
  /** The file against the guard's own features, its detector in float64, and conformal p-values in float64. */
  readonly sample: Parity & { readonly inputs: 'given' | 'synthetic' };
  /** The same comparison of scores on ID rows, made when the guard was. */
  readonly idRows: Parity | null;
}

const rules = {
  sample: having('a source of samples'),
  runtime: having('a runtime', 'createSession'),
  threads: whole,
  signal: having('an AbortSignal', 'throwIfAborted'),
  digest: [isSha256, 'a digest of 64 hexadecimal digits, lower case'],
  verify: anything,
} as const satisfies Record<keyof ExportGuardOptions, Rule>;

/**
 * Writes a guard as one ONNX file, `image tensor → logits, score, p_value, is_ood`, and beside it `<file>.parity.json`, which names the
 * file's SHA-256. Both are written whole before either gets its name.
 *
 * Decoding, resizing and normalising stay outside; the file's metadata describe them (`ood.input`, `ood.preprocessing`), the
 * threshold and its guarantee.
 *
 * @throws CoreError `LOCKED` while another run exports to the same file; GuardError `NOT_EXPORTABLE` for a detector that is no graph (a search over a large bank); as `openGuard` for the folder
 */
export async function exportGuard(
  folder: string,
  file: string,
  options: ExportGuardOptions = {},
): Promise<ParityReport> {
  const { runtime = nodeRuntime, signal, digest } = options;
  requireOptions('exportGuard', options, rules);
  const verify =
    options.verify === undefined ? undefined : verifyingKey('exportGuard', 'verify', options.verify);
  const { manifest } = await readFolder(resolve(folder), { digest, verify });
  if (manifest.scoredBy !== 'graph') throw notExportable(folder, manifest);
  const { scores } = await readCalibration(resolve(folder), manifest);
  const model = await readModel(join(folder, FILES.model));
  const exported = exportedModel(model, manifest, scores);
  throwIfAborted('exportGuard', signal);

  const check = async (path: string, sha256: string): Promise<ParityReport> => {
    const parts = { ...options, runtime, folder, manifest, model, scores };
    const { parity, inputs } = await measureParity(path, parts);
    throwIfAborted('exportGuard', signal);
    return {
      format: 'ood-guard-parity',
      version: 2,
      file: basename(file),
      sha256,
      runtime: `${runtime.name} ${runtime.version}`,
      threads: options.threads ?? null,
      sample: { inputs, ...parity },
      idRows: manifest.parity,
    };
  };
  const write = () => writeExported(file, exported, { check });
  return withLock(`${resolve(file)}.lock`, write, { signal, waitMs: 0, where: file });
}

/** The graph of the folder with the decision behind it and the features no longer an output. */
export function exportedModel(model: ModelProto, manifest: Manifest, scores: Float32Array): ModelProto {
  const { calibration, classes } = manifest;
  const kept = [...(classes === null ? [] : [OUTPUTS.logits]), OUTPUTS.score];
  const decided = appendDecision(cutModel(model, { outputs: kept }), {
    scores,
    threshold: calibration.threshold,
    batch: batchOf({ inputs: inputsOf(manifest) }),
  });
  return withMetadata(decided, guardMetadata(manifest));
}

function notExportable(where: string, { detector }: Manifest): GuardError {
  return new GuardError('NOT_EXPORTABLE', {
    where,
    expected: 'a detector whose scoring is a graph',
    got: `${detector.title}, a search over a large bank or a flow without a graph`,
    advice: 'deploy the folder with openGuard, or make the guard with another detector (e.g. fde)',
    details: { detector: detector.name },
  });
}
