import { join } from 'node:path';
import { fields, number, text as string } from './json-shape.ts';
import { type GlyphFile, glyphFile, parseVersioned } from './manifest.ts';
import { glyphsFolder, type OpenGlyphsOptions } from './open-glyphs.ts';
import { readText, readVerified } from './verified-file.ts';

/** `backbone.json` of the data set, version 1. */
interface BackboneDescription {
  readonly model: GlyphFile;
  readonly input: 'image';
  readonly output: 'logits';
  readonly featureDim: number;
  /** How an image becomes the model's input, in the terms of `@ood/features`: grey, 28×28, value / 255. */
  readonly preprocessing: {
    readonly version: 1;
    readonly orientation: 'ignore';
    readonly color: 'gray';
    readonly resize: { readonly kind: 'exact'; readonly width: number; readonly height: number };
    readonly filter: 'bilinear';
    readonly crop: null;
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly layout: 'NCHW';
    readonly dtype: 'float32';
  };
  /** Command, seed, threads, engine and settings that made the model, and the SHA-256 of the data's manifest. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Share of right answers per split; test families were never seen in training. */
  readonly accuracy: { readonly train: number; readonly validation: number; readonly test: number };
}

const backboneShape = fields({
  model: glyphFile,
  input: string,
  output: string,
  featureDim: number,
  preprocessing: fields({}),
  training: fields({}),
  accuracy: fields({ train: number, validation: number, test: number }),
});

/** The classifier that ships with the glyphs: a CNN trained on their train split alone. */
export interface GlyphsBackbone extends Omit<BackboneDescription, 'model'> {
  /** The model's file. */
  readonly path: string;
  /** The ONNX model: `image` `[batch, 1, 28, 28]` → `logits` `[batch, 10]`; the last Gemm's input are the features. */
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/**
 * The pretrained backbone of the embedded glyphs, verified by SHA-256.
 *
 * @throws CoreError `FILE_NOT_FOUND`; DatasetError `CORRUPT_FILE`, `FOREIGN_FILE` or `NEWER_VERSION`,
 *   each naming the file and what was expected of it.
 */
export async function openGlyphsBackbone(options: OpenGlyphsOptions = {}): Promise<GlyphsBackbone> {
  const { folder = glyphsFolder } = options;
  const file = join(folder, 'backbone.json');
  const text = await readText(file);
  const { model, input, output, featureDim, preprocessing, training, accuracy } =
    parseVersioned<BackboneDescription>(text, file, 'ood-glyphs-backbone', backboneShape);
  return {
    path: join(folder, model.path),
    bytes: new Uint8Array(await readVerified(folder, model)),
    sha256: model.sha256,
    input,
    output,
    featureDim,
    preprocessing,
    training,
    accuracy,
  };
}
