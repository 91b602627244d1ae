// Opens a session in a Node of its own, and prints what it computes.
import { encodeModel } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { floats, linearModel } from '../models.ts';

const session = await nodeRuntime.createSession(encodeModel(linearModel()));
const { y } = await session.run({ x: floats([1, 2], [1, 0]) });
await session.close();
process.stdout.write(JSON.stringify({ y: [...y!.data], telemetry: process.env.ORT_DISABLE_TELEMETRY }));
