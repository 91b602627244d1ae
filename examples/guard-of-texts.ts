// A text classifier with its tokenizer, and queries of what it is for → a guard that tells queries out of scope.
// npx tsx guard-of-texts.ts intents/ queries.jsonl unseen.jsonl 'what is my balance' …
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTexts } from '@ood/datasets';
import { huggingFaceText, openBackbone } from '@ood/features';
import { exportGuard, fitGuard, openGuard } from '@ood/guard';

const [folder, queries, unseen, ...questions] = process.argv.slice(2);
if (folder === undefined || queries === undefined || unseen === undefined)
  throw new Error(
    'expected a folder with model.onnx and tokenizer.json, queries, and queries that the model has not seen',
  );

const model = join(folder, 'model.onnx');
const read = (name: string) => readFile(join(folder, name), 'utf8');
const backbone = await openBackbone(model);
const preprocessing = huggingFaceText(backbone.inputs, {
  tokenizer: await read('tokenizer.json'),
  tokenizerConfig: await read('tokenizer_config.json'),
});
await backbone.close();

const { calibration } = await fitGuard('intents.guard', {
  model,
  preprocessing,
  train: await readTexts(queries), // JSON lines, CSV or plain lines
  calibration: await readTexts(unseen),
  detector: 'mahalanobis++',
  overwrite: true,
});
console.log(`Calibrated on ${calibration.count} queries`);

const guard = await openGuard('intents.guard');
for (const question of questions) {
  const { isOod, prediction } = await guard.check(question);
  console.log(`${question}: ${isOod ? 'OUT of scope' : prediction?.name}`);
}
await guard.close();

await exportGuard('intents.guard', 'intents.onnx'); // ids, mask, types → logits, score, p_value, is_ood
console.log('Exported intents.onnx');
