import { createRandom, elementCount, float32ToFloat16 } from '@ood/core';
import {
  type AudioPreprocessing,
  kindOf,
  type PixelImage,
  type PreparedTensor,
  type PreprocessingKind,
  type Preprocessings,
  type Sample,
  type Waveform,
} from '@ood/features';
import { elementArrays, type TensorInfo } from '@ood/onnx';
import { inputsOf, type Manifest, PROBE_IMAGES } from '../folder/manifest.ts';
import { encodePng } from './png.ts';

/** Sizes of the probe images: none fits a usual input, so that resizing and cropping are exercised. */
const SIZES = [
  [97, 61],
  [160, 240],
  [301, 287],
  [45, 33],
] as const;

/** Inputs whose verdicts a guard stores. */
export const PROBES = SIZES.length;

/** Reproducible pictures of gradients, waves and noise: nobody's data, and rich enough that any change of preprocessing shows. */
export function probeImages(count: number = SIZES.length): PixelImage[] {
  return Array.from({ length: count }, (_, index) => probeImage(index));
}

function probeImage(index: number): PixelImage {
  const [width, height] = SIZES[index % SIZES.length]!;
  const random = createRandom(index, 'probe').uniform;
  const data = new Uint8Array(width * height * 3);
  const [fx, fy] = [2 + 9 * random(), 2 + 9 * random()];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = Math.sin((fx * x) / 13) * Math.cos((fy * y) / 17);
      const square = (x * 5) / width < 2 === (y * 5) / height < 3 ? 60 : 0;
      for (let channel = 0; channel < 3; channel++) {
        const ramp = (255 * (channel === 1 ? y / height : channel === 2 ? 1 - x / width : x / width)) / 2;
        const value = ramp + square + 50 * wave + 40 * random();
        data[at++] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  }
  return { width, height, channels: 3, data };
}

/** Probe images as PNG files, so that the decoder is in the loop. */
export function probeFiles(): { readonly name: string; readonly bytes: Uint8Array }[] {
  return probeImages().map((image, i) => ({ name: PROBE_IMAGES[i]!, bytes: encodePng(image) }));
}

const WORDS =
  'the of what is Paris weather 7 3.50 please account café naïve unbelievably to I’d can’t (maybe) e-mail: a@b.example 日本 🙂 ÀÉÎ'.split(
    ' ',
  );

/** Reproducible texts of any words, of different lengths: any change of tokenization shows. */
function probeTexts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const { below } = createRandom(index, 'probe text');
    return Array.from({ length: 3 + below(20) }, () => WORDS[below(WORDS.length)]).join(' ');
  });
}

/** Hz of probe recordings: a rate that no model asks for, so that resampling is exercised. */
const PROBE_RATE = 22_050;

/** Reproducible sweeps and noise, every other one shorter than a window where such are taken. */
function probeWaveforms(count: number, { sampleRate, window, padding }: AudioPreprocessing): Waveform[] {
  const whole = Math.ceil((window * PROBE_RATE) / sampleRate) + PROBE_RATE;
  return Array.from({ length: count }, (_, index) => {
    const { uniform } = createRandom(index, 'probe sound');
    const [low, high] = [100 + 300 * uniform(), 1000 + 2000 * uniform()];
    const length = index % 2 === 1 && padding !== 'refuse' ? Math.ceil(0.4 * whole) : whole;
    const data = Float32Array.from({ length }, (_, i) => {
      const t = i / PROBE_RATE;
      const sweep = Math.sin(2 * Math.PI * (low + ((high - low) * i) / (2 * length)) * t);
      return 0.5 * sweep + 0.1 * (uniform() - 0.5);
    });
    return { sampleRate: PROBE_RATE, data };
  });
}

/** Reproducible samples of a kind of preprocessing. */
const samplesOf: {
  readonly [K in PreprocessingKind]: (count: number, preprocessing: Preprocessings[K]) => Sample[];
} = {
  image: count => probeImages(count).map((pixels, i) => ({ id: `image ${i}`, pixels })),
  text: count => probeTexts(count).map((text, i) => ({ id: `text ${i}`, text })),
  audio: (count, preprocessing) =>
    probeWaveforms(count, preprocessing).map((waveform, i) => ({ id: `recording ${i}`, waveform, start: 0 })),
};

/** Reproducible samples that a guard takes: nobody's data. */
export function probeSamples(
  manifest: Pick<Manifest, 'preprocessing' | 'input' | 'inputs'>,
  count: number = PROBES,
): Sample[] {
  if (manifest.preprocessing)
    return samplesOf[kindOf(manifest.preprocessing)](count, manifest.preprocessing as never);
  const inputs = inputsOf(manifest);
  const [input] = inputs;
  return inputs.length === 1 && input!.type === 'float32'
    ? probeVectors(input!, count)
    : Array.from({ length: count }, (_, index) => ({
        id: `tensors ${index}`,
        tensors: Object.fromEntries(inputs.map(info => [info.name, probeTensor(info, index)])),
      }));
}

/** Probe vectors for models that take no images; a free dimension of the input counts as 1. */
export function probeVectors({ dims }: Pick<TensorInfo, 'dims'>, count: number = PROBES): Sample[] {
  const length = elementCount(sizesOf(dims));
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(index, 'probe').uniform;
    return { id: `vector ${index}`, vector: Float32Array.from({ length }, () => random()) };
  });
}

const sizesOf = (dims: TensorInfo['dims']) => dims.slice(1).map(dim => (typeof dim === 'number' ? dim : 1));

/** One row of an input: numbers below 1, integers of 0 or 1, which any table of embeddings has. */
function probeTensor({ name, type, dims }: TensorInfo, index: number): PreparedTensor {
  const sizes = sizesOf(dims);
  const length = elementCount(sizes);
  const random = createRandom(index, `probe ${name}`).uniform;
  const numbers = Float32Array.from({ length }, () =>
    /^float/.test(type) ? random() : Math.round(random()),
  );
  const data =
    type === 'float16'
      ? float32ToFloat16(numbers)
      : type === 'int64' || type === 'uint64'
        ? elementArrays[type].from(Array.from(numbers, BigInt))
        : elementArrays[type as 'float32'].from(numbers);
  return { type, dims: sizes, data } as PreparedTensor;
}
