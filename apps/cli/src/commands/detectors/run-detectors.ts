import { describeMethod, detectorNames, type MethodDescription } from '@ood/detectors';
import { formatFacts, formatTable, type Io, writeJson } from '@ood/terminal';

export interface DetectorsOptions {
  readonly name: string | undefined;
  readonly json: boolean;
}

/** Prints what detectors there are, or all about one. */
export function runDetectors({ name, json }: DetectorsOptions, io: Io): void {
  const methods = (name === undefined ? detectorNames : [name]).map(describeMethod);
  if (json) writeJson(io, { detectors: methods.map(asJson) });
  else io.stdout.write(name === undefined ? formatList(methods) : formatOne(methods[0]!));
}

function formatList(methods: readonly MethodDescription[]): string {
  const table = formatTable(
    [
      { title: 'name', align: 'left' },
      { title: 'family', align: 'left' },
      { title: 'fitted on', align: 'left' },
      { title: 'a fit costs', align: 'left' },
      { title: 'a score costs', align: 'left' },
      { title: 'score', align: 'left' },
    ],
    methods.map(method => [
      method.name,
      method.family,
      needsOf(method),
      method.cost.fit,
      method.cost.score,
      method.summary,
    ]),
  );
  return `${table}\n\nn ID rows, d features, C classes, R ≤ 256 directions. Labels are the model's predictions, and logits come from its head, where there are none.\nraw features: as the model gives them; otherwise their length does not count. ood detectors NAME tells options and paper.\n`;
}

function formatOne(method: MethodDescription): string {
  const { name, title, family, summary, reads, cost, paper, defaults } = method;
  const options = Object.entries(defaults).map(([option, value]) => `${option} ${value ?? 'by the data'}`);
  return `${formatFacts([
    ['name', `${name}: ${title}`],
    ['score', `${summary}; higher is more out-of-distribution`],
    ['family', family],
    ['fitted on', needsOf(method)],
    ['reads', reads.join(', ')],
    ['a fit costs', cost.fit],
    ['a score costs', cost.score],
    ['options', options.join(', ') || 'none'],
    ['source', paper],
  ])}\n`;
}

function needsOf({ needs, rawFeatures }: MethodDescription): string {
  const words = needs.map(need => (need === 'features' && rawFeatures ? 'raw features' : need));
  return words.join(', ') || 'nothing';
}

/** Options whose default follows from the data are null. */
function asJson({ defaults, ...method }: MethodDescription) {
  const options = Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, value ?? null]));
  return { ...method, options };
}
