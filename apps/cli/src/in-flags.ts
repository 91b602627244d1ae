import type { OodError } from '@ood/core';

/** What libraries say of their options, and what the reader of a command line can do instead. */
const words: readonly (readonly [says: RegExp, flag: string])[] = [
  // Backbones
  [/\bhead: '(auto|require|none)'/g, '--head $1'],
  [/\bpooling: '([a-z-]+)'/g, '--pooling $1'],
  [/\bas layer\b/g, 'by --layer'],
  [/\bcandidates for layer:/g, 'candidates for --layer:'],
  [/\bname a layer, without head\b/g, 'name a layer by --layer, without --head require'],
  [/\bname another layer\b/g, 'name another --layer'],
  [/\bas layers\b/g, 'by --layers'],
  [/\bleave layers out\b/g, 'leave --layers out'],
  [/\b(raise|lower) the tolerance\b/g, '$1 --tolerance'],
  [/\bas freeDimensions\b/g, 'by --dim NAME=SIZE'],
  [/\bfreeDimensions: \{ "([^"]+)": (\d+) \}(, or ood convert (--dim \S+))?/g, '--dim $1=$2'],
  [/\binputs: \{ "[^"]+": … \}, or (--input \S+)/g, '$1'],
  [/\bby the option inputs \((--input NAME=VALUE)\)/g, 'by $1'],
  [
    /; raise the deadline where it is only slow\b/g,
    '; where it is only slow, open it by openBackbone of @ood/features, whose deadline can be raised',
  ],
  [/, or raise maxMemory\b/g, ', or use a machine with more memory'],
  [/ or raise maxPixels\b/g, ''],
  [/\braise maxFileBytes if this is an image\b/g, 'leave it out, or make it smaller'],
  [/ \(maxExternalBytes\)/g, ''],
  // Tables
  [/\bcolumns: \{ features: "([^"]*)" \}/g, '--columns $1'],
  [/\bcolumns: \{ ids: "([^"]*)" \}/g, '--id-column $1'],
  [/\bcolumns: \{ labels: "([^"]*)" \}/g, '--label-column $1'],
  // Stores, boxes and guards
  [/\bpass ifExists: 'overwrite'/g, 'pass --overwrite'],
  [/\bgive the option images \((--box-images)\)/g, 'give $1'],
  [/\btake its columns over with importFeatures\b/g, 'give the file to --features as it is'],
  [/\bfitGuard or `ood fit`/g, '`ood fit`'],
  [/\bdeploy the folder with openGuard\b/g, 'deploy the folder itself'],
  [/\b(take|with) another detector\b/g, '$1 another --detector'],
  [/\btake a detector\b/g, 'take a --detector'],
  [/\btake the density alone\b/g, 'take the density alone by --detector'],
  [/\bgive a model with a head\b/g, 'give the --model that the features come from'],
  [/\buse a method that does not normalize: /g, 'take a --detector that does not normalize: '],
  [/\baccept a larger alpha\b/g, 'accept a larger --alpha'],
  // Detectors: their own options have no flags
  [/; a method of your own is handed to decodeDetector as option `methods`/g, ''],
  [
    /\bpass it as option `head`: a backbone of @ood\/features has it\b/g,
    'give the model that the features come from: --model',
  ],
  [/\bcorrect the option (k|principalDimensions)\b/g, 'fit on more rows, or take another --detector'],
  [
    /\btake fewer principalDimensions, or pass more rows that differ\b/g,
    'fit on more rows that differ, or take another --detector',
  ],
  [
    /\bset bankShare to keep a share of the rows, e\.g\. 0\.01/g,
    'fit on fewer rows, or take another --detector',
  ],
  [
    /\bfit with a smaller bankShare, or score with this library\b/g,
    'fit on fewer rows, or score by ood score',
  ],
  [/\bpass more rows or a larger referenceShare\b/g, 'fit on more rows'],
  [/, or raise the shrinkage\b/g, ''],
  [/\buse covariance: 'tied'/g, 'fit on more rows, or take another --detector'],
];

/** The message of an error in the words of the command line: `where: expected …, got …; advice`. */
export function inFlags({ where, expected, got, advice }: OodError): string {
  const told = `${where}: expected ${expected}, got ${got}`;
  return advice === undefined ? told : `${told}; ${translated(advice)}`;
}

/** A text of a library, in the words of the command line. */
export function translated(text: string): string {
  return words.reduce((said, [says, flag]) => said.replace(says, flag), text);
}
