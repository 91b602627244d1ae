/// <reference lib="dom" />
// The exported guard (one ONNX file) in a page, by onnxruntime-web: image → logits, score, p_value, is_ood.
import { webRuntime } from '@ood/onnx/web';

const file = document.querySelector<HTMLInputElement>('#file')!;
const verdict = document.querySelector<HTMLOutputElement>('#verdict')!;

const bytes = new Uint8Array(await (await fetch('guard.onnx')).arrayBuffer());
const session = await webRuntime.createSession(bytes);
verdict.value = 'Choose a picture.';

file.addEventListener('change', async () => {
  const [picture] = file.files ?? [];
  if (picture === undefined) return;
  const { score, p_value: pValue, is_ood: isOod } = await session.run({ image: await tensorOf(picture) });
  const ood = Boolean(isOod?.data[0]);
  verdict.dataset.ood = String(ood);
  verdict.value = `${ood ? 'No: out of distribution' : 'Yes: in distribution'} (score ${Number(score?.data[0]).toFixed(2)}, p = ${Number(pValue?.data[0]).toFixed(3)})`;
});

/**
 * The picture as the model wants it: gray values from 0 to 1, `[1, 1, 28, 28]`. Pictures of another size are refused: a canvas
 * resizes otherwise than the library that the guard was calibrated with, and that moves p-values.
 */
async function tensorOf(picture: Blob) {
  const bitmap = await createImageBitmap(picture, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  if (bitmap.width !== 28 || bitmap.height !== 28)
    throw new Error(`expected 28 × 28 pixels, got ${bitmap.width} × ${bitmap.height}`);
  const context = new OffscreenCanvas(28, 28).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, 28, 28);
  return {
    type: 'float32' as const,
    dims: [1, 1, 28, 28],
    data: Float32Array.from({ length: 784 }, (_, i) => data[4 * i]! / 255),
  };
}
