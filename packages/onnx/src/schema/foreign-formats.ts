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

  /** The number of the field of Protocol Buffers that follows those of the given numbers; 0 where it cannot be told. */
  fieldAfter(...numbers: readonly number[]): number {
    const bytes = this.#head;
    let at = 0;
    const varint = (): number => {
      let value = 0;
      for (let scale = 1; at < bytes.length; scale *= 128) {
        const byte = bytes[at++]!;
        value += (byte % 128) * scale;
        if (byte < 128) return value;
      }
      return 0;
    };
    while (at < bytes.length) {
      const tag = varint();
      const field = Math.floor(tag / 8);
      if (!numbers.includes(field)) return field;
      const value = varint();
      if (tag % 8 === 2) at += value;
      else if (tag % 8 !== 0) return 0;
    }
    return 0;
  }
}

/** How much of a file's beginning and end is looked at: the list of a zip file's entries is at its end. */
export const LOOKED_AT = 65_536;

const latin1 = new TextDecoder('latin1');
const isZip = (content: Content): boolean => content.at(0, 'PK\u0003\u0004');
const isJson = (content: Content): boolean => content.has(/^(\u00ef\u00bb\u00bf)?\s*[[{]\s*["{[\d}\]-]/);
const folderOf = (file: string): string => file.replace(/[^/\\]*$/, '').replace(/(.)[/\\]$/, '$1') || '.';

const exportTorch = (model: string): string =>
  `in Python, export the model with these weights: ${model}torch.onnx.export(model.eval(), (example_input,), "model.onnx", ` +
  'input_names=["input"], dynamic_axes={"input": {0: "batch"}})';
/** A name as a string of Python, also between the quotes of a shell. */
const pythonText = (file: string): string => JSON.stringify(file).replaceAll("'", '\\u0027');
/** A name as one word of a shell. */
const shellWord = (file: string): string =>
  /^[\w./:@%+=,-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
const exportKeras = (file: string): string =>
  `convert it: python -c 'import keras; keras.models.load_model(${pythonText(file)}).export("model.onnx", format="onnx")'`;
const tf2onnx = (option: string, file: string, more = ''): string =>
  `convert it: python -m tf2onnx.convert ${option} ${shellWord(file)}${more} --output model.onnx`;
const optimum = (folder: string): string =>
  `export the model to ONNX: optimum-cli export onnx --model ${shellWord(folder)} onnx/`;
/** Formats made for one engine, from which no tool leads back. */
const fromSource =
  'nothing converts it back: give the .onnx file that it was made from, or export the original model to ONNX';

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
    convert: file => exportTorch(`model = torch.jit.load(${pythonText(file)}); `),
  },
  {
    is: 'an exported program of PyTorch (.pt2)',
    matches: content => isZip(content) && content.has(/serialized_exported_program\.json|\/archive_format/),
    convert: file =>
      `convert it: python -c 'import torch; torch.onnx.export(torch.export.load(${pythonText(file)}), dynamo=True).save("model.onnx")'`,
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
    convert: file => tf2onnx('--tflite', file),
  },
  {
    is: 'a program of ExecuTorch (.pte)',
    matches: content => content.at(4, 'ET12'),
    convert: () => exportTorch(''),
  },
  {
    is: 'an engine of TensorRT, built for one GPU',
    matches: content => content.at(0, 'ftrt') || content.at(0, 'ptrt'),
    convert: () => fromSource,
  },
  {
    is: "a model in onnxruntime's own format (.ort)",
    matches: content => content.at(4, 'ORTM'),
    convert: () => fromSource,
  },
  {
    is: 'model.json of TensorFlow.js',
    matches: content => isJson(content) && content.has(/"modelTopology"|"weightsManifest"/),
    convert: file =>
      `give its path, its files of weights beside it; or convert it: ood convert ${shellWord(file)} --out model.onnx`,
  },
  {
    is: 'a configuration of Hugging Face, without weights',
    matches: content => isJson(content) && content.has(/"(architectures|model_type|id2label)"\s*:/),
    convert: file => optimum(folderOf(file)),
  },
  {
    is: 'the architecture of a Keras model, without weights',
    matches: content => isJson(content) && content.has(/"(keras_version|class_name)"\s*:/),
    convert: () => exportKeras('MODEL.keras'),
  },
  {
    is: 'JSON that is no model',
    matches: isJson,
    advice: 'give the model itself: an .onnx file, or a model.json of TensorFlow.js with its "modelTopology"',
  },
  {
    // A version, a description, and then one of many kinds of model under a large number.
    is: 'a model of Core ML (.mlmodel)',
    matches: content => content.starts(0x08) && content.fieldAfter(1, 2, 10) >= 200,
    convert: () => fromSource,
  },
  {
    is: 'a TensorFlow SavedModel',
    matches: content => content.starts(0x08, 0x01, 0x12) && content.has(/serving_default|saved_model/),
    convert: file => tf2onnx('--saved-model', folderOf(file)),
  },
  {
    is: 'a frozen graph of TensorFlow',
    matches: content => content.starts(0x0a) && content.has(/Placeholder/),
    convert: file => tf2onnx('--graphdef', file, ' --inputs INPUT:0 --outputs OUTPUT:0'),
  },
  {
    is: 'weights of safetensors, without a graph',
    matches: content => content.at(8, '{"') && content.has(/"data_offsets"|"__metadata__"/),
    convert: file => optimum(folderOf(file)),
  },
  {
    is: 'a GGUF file, weights for llama.cpp',
    matches: content => content.at(0, 'GGUF'),
    convert: () => 'export the model that it was made from to ONNX',
  },
  {
    is: 'an OpenVINO model',
    matches: content => content.has(/^\s*<(\?xml|net\s)/) && content.has(/<net\s/),
    convert: () => fromSource,
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

/** What a folder is, by the names in it. */
const folders: readonly {
  readonly is: string;
  readonly matches: (has: (name: RegExp) => boolean) => boolean;
  readonly convert: (folder: string) => string;
}[] = [
  {
    is: 'a TensorFlow SavedModel',
    matches: has => has(/^saved_model\.pb(txt)?$/),
    convert: folder => tf2onnx('--saved-model', folder),
  },
  {
    is: 'a package of Core ML (.mlpackage)',
    matches: has => (has(/^Manifest\.json$/) && has(/^Data$/)) || has(/^coremldata\.bin$/),
    convert: () => fromSource,
  },
  {
    is: 'a model of Hugging Face',
    matches: has =>
      has(/^config\.json$/) && has(/\.(safetensors|bin|h5|msgpack)(\.index\.json)?$/) && !has(/\.onnx$/),
    convert: optimum,
  },
  {
    is: 'an OpenVINO model',
    matches: has => has(/\.xml$/) && has(/\.bin$/) && !has(/\.onnx$/),
    convert: () => fromSource,
  },
];

/** The error for a folder that is a model of another format, by the names in it; undefined for any other. */
export function foreignFolder(folder: string, names: readonly string[]): OnnxError | undefined {
  const format = folders.find(({ matches }) => matches(name => names.some(one => name.test(one))));
  return format && foreign(folder, format);
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
