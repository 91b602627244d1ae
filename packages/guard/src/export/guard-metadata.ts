import {
  type AudioPreprocessing,
  type ImagePreprocessing,
  kindOf,
  type PreprocessingKind,
  type PreprocessingSummary,
} from '@ood/features';
import { type ModelProto, makeGraph, makeModel } from '@ood/onnx';
import { inputsOf, type Manifest } from '../folder/manifest.ts';

/** What an exported file says of itself: flat keys with text or JSON, readable in any runtime. */
export function guardMetadata(manifest: Manifest): Record<string, string> {
  const { calibration, preprocessing, preprocessingHash, detector, classNames } = manifest;
  return {
    'ood.format': 'ood-guard-onnx',
    'ood.version': '1',
    'ood.input': `${inputsOf(manifest)
      .map(({ name }) => JSON.stringify(name))
      .join(
        ', ',
      )}: ${preprocessing ? describePreprocessing(preprocessing) : 'vectors as the backbone takes them'}`,
    'ood.preprocessing': JSON.stringify(preprocessing),
    'ood.preprocessing.sha256': preprocessingHash ?? '',
    'ood.outputs': JSON.stringify({
      logits: "the backbone's own, before any softmax",
      score: `of ${detector.title}; higher = more out-of-distribution`,
      p_value: '(1 + number of calibration scores >= score) / (n + 1)',
      is_ood: 'score > threshold, which is p_value <= alpha; true for a score that is not a number',
    }),
    'ood.detector': JSON.stringify({ name: detector.name, title: detector.title, paper: detector.paper }),
    'ood.alpha': String(calibration.alpha),
    'ood.threshold': String(calibration.threshold),
    'ood.calibration': JSON.stringify(calibration),
    'ood.guarantee': calibration.guarantee,
    ...(manifest.warnings.length > 0 && { 'ood.warnings': JSON.stringify(manifest.warnings) }),
    ...(classNames && { 'ood.classes': JSON.stringify(classNames) }),
    ...('decision' in manifest.backbone.head && { 'ood.decision': manifest.backbone.head.decision }),
    'ood.backbone.sha256': manifest.backbone.model.sha256,
  };
}

const words: Readonly<Record<PreprocessingKind, (preprocessing: never) => string>> = {
  image: describeImages,
  text: describeTexts,
  audio: describeRecordings,
};

/** The preprocessing in words, e.g. for the one who writes it in another language. */
export function describePreprocessing(preprocessing: PreprocessingSummary): string {
  return words[kindOf(preprocessing)](preprocessing as never);
}

function describeImages(preprocessing: ImagePreprocessing): string {
  const { orientation, boxes, color, resize, filter, crop, scale, mean, std, layout, dtype } = preprocessing;
  const size =
    resize.kind === 'none'
      ? 'no resizing'
      : resize.kind === 'exact'
        ? `resize to ${resize.width}×${resize.height}`
        : `resize so that the shorter side is ${resize.size} (other side: ${resize.rounding})`;
  return [
    `decode to 8 bits${orientation === 'exif' ? ', upright by EXIF' : ''}`,
    ...(boxes
      ? [
          `cut boxes${boxes.margin > 0 ? ` with a margin of ${boxes.margin}` : ''}${boxes.square ? ', square' : ''}`,
        ]
      : []),
    color,
    resize.kind === 'none' ? size : `${size} with Pillow's ${filter} filter`,
    crop ? `crop the centre to ${crop.width}×${crop.height} (corner: ${crop.rounding})` : 'no cropping',
    `(value × ${scale} − [${mean.join(', ')}]) / [${std.join(', ')}]`,
    `${layout}, ${dtype}`,
  ].join('; ');
}

function describeTexts({ tokenizer, maxLength, truncation, padding, inputs }: TextSummary): string {
  const { ids, mask, types, positions } = inputs;
  const of = (name: string | null, what: string) =>
    name === null ? [] : [`${JSON.stringify(name)}: ${what}`];
  return [
    `tokenizer.json of SHA-256 ${tokenizer.sha256}, with special tokens`,
    `at most ${maxLength} tokens, cut off on the ${truncation}`,
    `padded on the ${padding.side} with id ${padding.id} and mask 0`,
    ...of(ids, 'token ids'),
    ...of(mask, 'attention mask'),
    ...of(types, 'token types'),
    ...of(positions, 'positions from 0'),
  ].join('; ');
}

function describeRecordings({
  sampleRate,
  window,
  padding,
  normalize,
  features,
  dtype,
}: AudioPreprocessing): string {
  return [
    `mean of the channels, resampled to ${sampleRate} Hz (scipy.signal.resample_poly)`,
    `windows of ${window} samples (shorter ones: ${padding})`,
    ...(normalize === 'none' ? [] : ['each window to zero mean and unit variance']),
    features === null ? 'the waveform' : `log-mel spectrogram ${JSON.stringify(features)}`,
    dtype,
  ].join('; ');
}

type TextSummary = Extract<PreprocessingSummary, { kind: 'text' }>;

/** The model with these entries in its metadata; entries of the same keys are replaced. */
export function withMetadata(model: ModelProto, entries: Readonly<Record<string, string>>): ModelProto {
  const { metadataProps } = makeModel(makeGraph('', { inputs: [], outputs: [], nodes: [] }), {
    metadata: entries,
  });
  const others = model.metadataProps.filter(({ key }) => !Object.hasOwn(entries, key));
  return { ...model, metadataProps: [...others, ...metadataProps] };
}
