// Writes a model of 80 kB to the path that it is given, and prints how that went.
import { isOodError } from '@ood/core';
import { writeModel } from '@ood/onnx/node';
import { modelOf, node, random } from '../models.ts';

const model = modelOf({
  nodes: [node('MatMul', ['x', 'W'], ['y'])],
  initializers: { W: random([2, 10_000]) },
});
const said = await writeModel(process.argv[2]!, model).then(
  () => 'written',
  error => (isOodError(error) ? `${error.code}: ${error.message}` : `not typed: ${error}`),
);
process.stdout.write(said);
