import type { BackboneDescription, LayerCandidate } from '@ood/features';
import type { ValueDescription } from '@ood/onnx';
import { type Fact, formatFacts } from '../../output/facts.ts';
import { formatTable } from '../../output/table.ts';
import type { Inspection } from './inspection.ts';

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
    ...model.inputs.map(input => ['input', describeValue(input)] as const),
    ...model.outputs.map(output => ['output', describeValue(output)] as const),
    ...('refused' in backbone ? [] : backboneFacts(backbone)),
    ...Object.entries(model.metadata).map(([key, value]) => ['metadata', `${key}: ${value}`] as const),
    ...model.externalData.map(location => ['data in', location] as const),
    ...model.problems.map(
      ({ where, expected, got }) => ['problem', `${where}: expected ${expected}, got ${got}`] as const,
    ),
  ];
  const lines = [formatFacts(facts.map(([name, value]) => [name, printable(value)]))];
  if ('refused' in backbone) {
    lines.push('', `not usable as backbone as it is: ${printable(backbone.refused.message, 4000)}`);
    if (unknownSize.has(backbone.refused.code))
      lines.push('give the sizes of free dimensions with --dim NAME=SIZE');
  }
  const candidates = 'refused' in backbone ? backbone.refused.candidates : backbone.candidates;
  if (candidates.length > 0)
    lines.push('', 'tensors that --layer could name, last first:', candidateTable(candidates));
  return lines.join('\n');
}

function backboneFacts(backbone: BackboneDescription): Fact[] {
  const { layer, featureSize, pooling, head, batchSize, model } = backbone;
  const pooled = pooling === 'none' ? '' : ` (${pooling} of ${JSON.stringify(layer)})`;
  const features = `${featureSize} from tensor ${JSON.stringify(layer)}${pooled}`;
  const proof = 'missing' in head ? undefined : head.proof.relativeDifference.toExponential(1);
  return [
    ['features', features],
    [
      'head',
      'missing' in head
        ? `none: ${head.missing}`
        : `${head.kind} ${JSON.stringify(head.node)}, ${head.classes} classes; proved: W·f + b = logits to ${proof}`,
    ],
    ['batch', batchSize === null ? 'any size' : `${batchSize} at a time`],
    ['sha256', model.sha256],
  ];
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
    candidates.map(({ tensor, opType, dims }) => [printable(tensor), printable(opType), describeDims(dims)]),
  );
}

/** Text from a file for one line of a terminal: control characters are shown, not obeyed, and the end of long text is left out. */
function printable(text: string, length = 1000): string {
  const cut = text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;
  return cut.replace(/\p{Cc}/gu, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
