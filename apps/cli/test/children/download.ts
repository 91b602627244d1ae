import { processIo } from '@ood/terminal';
// Downloads the data set of DATASET, an entry of a catalog as JSON, as `ood datasets download` does.
import { runDownload } from '../../src/commands/datasets/run-download.ts';

const entry = JSON.parse(process.env.DATASET!);
const io = processIo(new AbortController().signal);
await runDownload({ names: [entry.name], split: undefined, json: true }, io, { entries: [entry] });
