import type { GlyphSet, LabeledGlyphSet } from '@ood/datasets';
import type { Session } from '@ood/onnx';

/** Logits `[count, 10]` of a set by a model with input `image` and output `logits`. */
export async function logitsOf(session: Session, set: GlyphSet): Promise<Float32Array> {
  const area = set.height * set.width;
  const parts: Float32Array[] = [];
  for (let start = 0; start < set.count; start += 500) {
    const rows = Math.min(500, set.count - start);
    const data = Float32Array.from(set.pixels.subarray(start * area, (start + rows) * area), v => v / 255);
    const image = { type: 'float32' as const, dims: [rows, 1, set.height, set.width], data };
    const { logits } = await session.run({ image });
    parts.push(logits!.data as Float32Array);
  }
  return Float32Array.from(parts.flatMap(part => [...part]));
}

/** Accuracy and mean cross-entropy (nats) of logits against a set's labels. */
export function judge(logits: Float32Array, { labels, count }: LabeledGlyphSet) {
  const classes = logits.length / count;
  let correct = 0;
  let crossEntropy = 0;
  for (let i = 0; i < count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const max = Math.max(...row);
    if (row.indexOf(max) === labels[i]) correct++;
    crossEntropy += max + Math.log(row.reduce((sum, v) => sum + Math.exp(v - max), 0)) - row[labels[i]!]!;
  }
  return { accuracy: correct / count, crossEntropy: crossEntropy / count };
}
