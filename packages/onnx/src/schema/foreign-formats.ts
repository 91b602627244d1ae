import { OnnxError } from '../errors.ts';

/** A file of another kind, by what it holds. */
interface Format {
  readonly is: string;
  readonly matches: (content: Content) => boolean;
  /** How it becomes an ONNX model; `file` is its name. Without it the file is no model at all. */
  readonly convert?: (file: string) => string;
  /** For files that are no models. */
  readonly advice?: string;
}

/** The beginning and the end of a file. */
class Content {
  readonly #head: Uint8Array;
  readonly #text: string;

  constructor(head: Uint8Array, tail: Uint8Array) {
    this.#head = head;
    this.#text = latin1.decode(head) + latin1.decode(tail);
  }

  starts(...bytes: readonly number[]): boolean {
    return bytes.every((byte, i) => this.#head[i] === byte);
  }

  /** Whether the text stands at an offset. */
  at(offset: number, text: string): boolean {
    return this.#text.startsWith(text, offset);
  }

  has(pattern: RegExp): boolean {
    return pattern.test(this.#text);
  }
}

/** How much of a file's beginning and end is looked at: the list of a zip file's entries is at its end. */
export const LOOKED_AT = 65_536;

const latin1 = new TextDecoder('latin1');
const isZip = (content: Content): boolean => content.at(0, 'PK\u0003\u0004');

const exportTorch = (model: string): string =>
  `in Python, export the model with these weights: ${model}torch.onnx.export(model.eval(), (example_input,), "model.onnx", ` +
  'input_names=["input"], dynamic_axes={"input": {0: "batch"}})';
const exportKeras = (file: string): string =>
  `convert it: python -c 'import keras; keras.models.load_model("${file}").export("model.onnx", format="onnx")'`;
const tf2onnx = (option: string): string =>
  `convert it: python -m tf2onnx.convert ${option} --output model.onnx`;

/** Most specific first. */
const formats: readonly Format[] = [
  {
    is: 'a Keras model (.keras)',
    matches: content => isZip(content) && content.has(/model\.weights\.h5/),
    convert: exportKeras,
  },
  {
    is: 'a TorchScript model of PyTorch',
    matches: content => isZip(content) && content.has(/constants\.pkl/) && content.has(/\/code\//),
    convert: file => exportTorch(`model = torch.jit.load("${file}"); `),
  },
  {
    is: 'a checkpoint of PyTorch (.pt, .pth)',
    matches: content =>
      (isZip(content) && content.has(/data\.pkl|archive\/version|\/\.format_version/)) ||
      content.starts(0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19),
    convert: () => exportTorch(''),
  },
  {
    is: 'a zip file',
    matches: isZip,
    advice: 'unpack it and give the .onnx file inside',
  },
  {
    is: 'a pickled object of Python (scikit-learn, joblib …)',
    matches: content => [2, 3, 4, 5].some(protocol => content.starts(0x80, protocol)),
    convert: () =>
      'convert it in Python: skl2onnx.to_onnx(model, example_rows, options={"zipmap": False}).SerializeToString()',
  },
  {
    is: 'a Keras model (HDF5, .h5)',
    matches: content => content.starts(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a),
    convert: exportKeras,
  },
  {
    is: 'a TensorFlow Lite model',
    matches: content => content.at(4, 'TFL3'),
    convert: file => tf2onnx(`--tflite ${file}`),
  },
  {
    is: "a model in onnxruntime's own format (.ort)",
    matches: content => content.at(4, 'ORTM'),
    convert: () => 'give the .onnx file that it was made from',
  },
  {
    is: 'model.json of TensorFlow.js',
    matches: content => content.has(/^\s*\{/) && content.has(/"modelTopology"|"weightsManifest"/),
    convert: file =>
      `give its path, its files of weights beside it; or convert it: ood convert ${file} --out model.onnx`,
  },
  {
    is: 'a TensorFlow SavedModel',
    matches: content => content.starts(0x08, 0x01, 0x12) && content.has(/serving_default|saved_model/),
    convert: () => tf2onnx('--saved-model FOLDER_OF_THIS_FILE'),
  },
  {
    is: 'a frozen graph of TensorFlow',
    matches: content => content.starts(0x0a) && content.has(/Placeholder/),
    convert: file => tf2onnx(`--graphdef ${file} --inputs INPUT:0 --outputs OUTPUT:0`),
  },
  {
    is: 'weights of safetensors, without a graph',
    matches: content => content.at(8, '{"') && content.has(/"data_offsets"|"__metadata__"/),
    convert: () =>
      'export the model with these weights, e.g. from its folder: optimum-cli export onnx --model . onnx/',
  },
  {
    is: 'a GGUF file, weights for llama.cpp',
    matches: content => content.at(0, 'GGUF'),
    convert: () => 'export the model that it was made from to ONNX',
  },
  {
    is: 'an OpenVINO model',
    matches: content => content.has(/^\s*<\?xml/) && content.has(/<net\s/),
    convert: () => 'give the .onnx file that it was made from',
  },
  {
    is: 'a pointer of Git LFS instead of the file',
    matches: content => content.at(0, 'version https://git-lfs.github.com/spec/'),
    advice: 'fetch it: git lfs pull',
  },
  {
    is: 'a web page',
    matches: content => content.has(/^\s*<(!doctype html|html)/i),
    advice: 'download the file itself, not the page about it',
  },
  {
    is: 'a gzip file',
    matches: content => content.starts(0x1f, 0x8b),
    advice: 'unpack it first',
  },
];

/**
 * The error for a file that is recognisably something else than an ONNX model, with the command that converts it; undefined for
 * one that is not. `head` and `tail` are its first and last `LOOKED_AT` bytes.
 *
 * @returns OnnxError `UNSUPPORTED` for a model of another format, `FOREIGN_FILE` for what is no model
 */
export function foreignFormat(where: string, head: Uint8Array, tail: Uint8Array): OnnxError | undefined {
  const content = new Content(head, tail);
  const format = formats.find(({ matches }) => matches(content));
  return format && foreign(where, format);
}

/** The error for a folder that holds a SavedModel. */
export function savedModelFolder(folder: string): OnnxError {
  return foreign(folder, {
    is: 'a TensorFlow SavedModel',
    convert: () => tf2onnx(`--saved-model ${folder}`),
  });
}

function foreign(where: string, { is, convert, advice }: Omit<Format, 'matches'>): OnnxError {
  return new OnnxError(convert ? 'UNSUPPORTED' : 'FOREIGN_FILE', {
    where,
    expected: 'an ONNX model',
    got: is,
    advice: convert?.(where) ?? advice,
    details: { format: is },
  });
}
