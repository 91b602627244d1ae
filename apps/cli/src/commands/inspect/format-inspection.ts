import { printable } from '@ood/core';
import type { BackboneDescription, LayerCandidate } from '@ood/features';
import type { ModelDescription, ValueDescription } from '@ood/onnx';
import { counted, type Fact, formatFacts, formatTable } from '@ood/terminal';

/** What `ood inspect` found. */
export interface Inspection {
  readonly file: string;
  readonly model: ModelDescription;
  readonly backbone: BackboneDescription | { readonly refused: Refusal };
}

/** Why a model cannot serve as backbone as it is. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly candidates: readonly LayerCandidate[];
}

/** Characters of a fact that are shown. */
const SHOWN = 1000;

/** Refusals that other sizes of free dimensions may mend. */
const unknownSize = new Set(['UNKNOWN_SHAPE', 'PROBE_FAILED']);

/** The inspection as text for people. */
export function formatInspection({ file, model, backbone }: Inspection): string {
  const opsets = Object.entries(model.opsets).map(([domain, version]) => `${domain} ${version}`);
  const operators = Object.entries(model.operators).map(([name, count]) => `${name} ${count}`);
  const facts: readonly Fact[] = [
    ['model', file],
    ['producer', model.producer || 'unknown'],
    ['format', `IR ${model.irVersion}, opset ${opsets.join(', ')}`],
    ['nodes', operators.length === 0 ? '0' : `${model.nodes} (${operators.join(', ')})`],
    [
      'parameters',
      `${model.parameters.toLocaleString('en')} (${model.parameterBytes.toLocaleString('en')} bytes)`,
    ],
    ...model.inputs.map(
      input => ['input', `${describeValue(input)}${fixedTo(input.name, backbone)}`] as const,
    ),
    ...model.outputs.map(output => ['output', describeValue(output)] as const),
    ...('refused' in backbone ? [] : backboneFacts(backbone)),
    ...Object.entries(model.metadata).map(([key, value]) => ['metadata', `${key}: ${value}`] as const),
    ...model.externalData.map(location => ['data in', location] as const),
    ...model.problems.map(
      ({ where, expected, got }) => ['problem', `${where}: expected ${expected}, got ${got}`] as const,
    ),
  ];
  const lines = [formatFacts(facts.map(([name, value]) => [name, printable(value, SHOWN)]))];
  if ('refused' in backbone) {
    // Why is said once, on stderr.
    lines.push('', `not usable as backbone as it is: ${backbone.refused.code}`);
    if (unknownSize.has(backbone.refused.code))
      lines.push('give the sizes of free dimensions with --dim NAME=SIZE');
  }
  const candidates = 'refused' in backbone ? backbone.refused.candidates : backbone.candidates;
  if (candidates.length > 0)
    lines.push('', 'tensors that --layer could name, last first:', candidateTable(candidates));
  return lines.join('\n');
}

function backboneFacts(backbone: BackboneDescription): Fact[] {
  const { layer, layers, featureSize, pooling, head, batchSize, model } = backbone;
  const pooled = pooling === 'none' ? '' : ` (${pooling} of ${JSON.stringify(layer)})`;
  const features = `${featureSize} from tensor ${JSON.stringify(layer)}${pooled}`;
  const proof = 'missing' in head ? undefined : head.proof.relativeDifference.toExponential(1);
  return [
    ['features', features],
    ...(layers ?? []).map(
      ({ tensor, pooling: how, start, size }) =>
        [
          'layer',
          `columns ${start} to ${start + size - 1}: ${how === 'none' ? '' : `${how} of `}${JSON.stringify(tensor)}`,
        ] as const,
    ),
    [
      'head',
      'missing' in head
        ? `none: ${head.missing}`
        : `${head.kind} ${JSON.stringify(head.node)}, ${counted(head.classes, 'class', 'classes')}; proved: W·f + b = logits to ${proof}`,
    ],
    ['batch', batchSize === null ? 'any size' : `${batchSize} at a time`],
    ['sha256', model.sha256],
  ];
}

/** What the caller fixed an input to. */
function fixedTo(name: string, backbone: Inspection['backbone']): string {
  const value = 'refused' in backbone ? undefined : backbone.fixedInputs?.[name];
  return value === undefined ? '' : `, fixed to ${typeof value === 'number' ? value : value.join(', ')}`;
}

function describeValue({ name, type, dims }: ValueDescription): string {
  return `${JSON.stringify(name)} ${type} ${describeDims(dims)}`;
}

function describeDims(dims: ValueDescription['dims']): string {
  return dims === null ? 'of unknown shape' : `[${dims.map(dim => dim ?? '?').join(', ')}]`;
}

function candidateTable(candidates: readonly LayerCandidate[]): string {
  return formatTable(
    [
      { title: 'tensor', align: 'left' },
      { title: 'made by', align: 'left' },
      { title: 'shape', align: 'left' },
    ],
    candidates.map(({ tensor, opType, dims }) => [
      printable(tensor, SHOWN),
      printable(opType, SHOWN),
      describeDims(dims),
    ]),
  );
}
