import { openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { nodeRuntime } from '@ood/onnx/node';
import { judge, logitsOf } from './evaluate.ts';

/** Prints the shipped model's accuracy on every split and fails unless it is what its description says, and ≥ 95 % on test. */
const { train, validation, test } = await openGlyphs();
const backbone = await openGlyphsBackbone();
const session = await nodeRuntime.createSession(backbone.bytes);
for (const [name, set] of Object.entries({ train, validation, test })) {
  const { accuracy } = judge(await logitsOf(session, set), set);
  const described = backbone.accuracy[name as 'train' | 'validation' | 'test'];
  process.stdout.write(`${name}: ${accuracy} (described: ${described})\n`);
  if (Math.abs(accuracy - described) > 0.001) process.exitCode = 1;
  if (name === 'test' && accuracy < 0.95) process.exitCode = 1;
}
await session.close();
