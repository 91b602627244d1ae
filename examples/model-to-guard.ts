// Your ONNX classifier and images of what it is for → a guard → verdicts → one ONNX file.
// npx tsx model-to-guard.ts model.onnx train/ unseen/ photo.png …
import { readFile } from 'node:fs/promises';
import { imageFolder } from '@ood/datasets';
import { preset } from '@ood/features';
import { exportGuard, fitGuard, openGuard } from '@ood/guard';

const [model, train, unseen, ...photos] = process.argv.slice(2);
if (model === undefined || train === undefined || unseen === undefined)
  throw new Error(
    'expected a model, a folder of ID images, and a folder of ID images that the model has not seen',
  );

const { calibration, warnings } = await fitGuard('my.guard', {
  model,
  preprocessing: preset('mnist'), // what your model was trained with: preset('imagenet'), a Hugging Face or timm configuration …
  train: await imageFolder(train),
  calibration: await imageFolder(unseen),
  detector: 'mahalanobis++',
  overwrite: true,
});
for (const { message } of warnings) console.error(`mind: ${message}`);
console.log(`Calibrated on ${calibration.count} images`);

const guard = await openGuard('my.guard');
for (const photo of photos) {
  const { isOod, pValue, prediction } = await guard.check(await readFile(photo));
  console.log(
    `${photo}: ${isOod ? 'OUT of distribution' : `in distribution, class ${prediction?.name}`}, p = ${pValue.toFixed(3)}`,
  );
}
await guard.close();

await exportGuard('my.guard', 'guard.onnx'); // image → logits, score, p_value, is_ood
console.log('Exported guard.onnx');
