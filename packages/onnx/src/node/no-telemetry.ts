/**
 * onnxruntime since 1.29 reports to its maker by default: names and hashes of models, over the network, at the first session.
 * It also parses the command line on the stack, so that a long one (a thousand file names) ends the process.
 *
 * The engine reads this variable once, from the process and not from a worker's copy: a program whose first session is in a
 * worker imports `@ood/onnx/node` in its main thread too. Set to anything beforehand, it is left as it is.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
