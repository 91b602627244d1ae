import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { melFilters } from '../src/audio/mel-filters.ts';
import { powerSpectrum } from '../src/audio/power-spectrum.ts';
import {
  type AudioPreprocessing,
  type AudioPresetName,
  audioPreparer,
  audioPreset,
  audioPresetNames,
  audioWindows,
  decodeAudio,
  extract,
  extractToStore,
  type FeatureModel,
  hashPreprocessing,
  parsePreprocessing,
  probeAudio,
  resample,
  type Sample,
  sampleDigester,
  windowStarts,
} from '../src/index.ts';
import { audioDims } from '../src/preprocessing/audio-preprocessing.ts';
import { signal, wav } from './audio-signal.ts';
import { describedModel, planeMeans } from './models.ts';
import { streamed } from './samples.ts';
import { temporaryFolder } from './temporary.ts';

interface Golden {
  readonly resampled: readonly { from: number; to: number; length: number; values: number[] }[];
  readonly spectrograms: readonly {
    name: string;
    samples: number;
    shape: number[];
    mean: number;
    frames: { frame: number; values: number[] }[];
  }[];
  readonly filters: readonly (Parameters<typeof melFilters>[1] & {
    by: string;
    sampleRate: number;
    filters: { filter: number; first: number; weights: number[] }[];
  })[];
  readonly recordings: readonly {
    file: string;
    sampleRate: number;
    channels: number;
    frames: number;
    values: number[];
    mean: number;
  }[];
}

const folder = new URL('./golden/', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(new URL('audio.json', folder), 'utf8'));
const recording = (name: string) => new Uint8Array(readFileSync(new URL(`audio/${name}`, folder)));

function furthest(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(got.length).toBe(wanted.length);
  return Array.from(got).reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

describe('a recording', () => {
  it.each(golden.recordings)(
    '$file is decoded as libsndfile does, to the mean of its channels',
    async wanted => {
      const bytes = recording(wanted.file);
      const { sampleRate, data } = await decodeAudio(bytes);
      expect(probeAudio(bytes)).toMatchObject({ channels: wanted.channels, frames: wanted.frames });
      expect([sampleRate, data.length]).toEqual([wanted.sampleRate, wanted.frames]);
      expect(furthest(data.subarray(0, 40), wanted.values)).toBeLessThan(1e-7);
      expect(data.reduce((sum, value) => sum + value, 0) / data.length).toBeCloseTo(wanted.mean, 6);
    },
  );

  it('whose writer could not say how long it is, is read to its end', async () => {
    const bytes = wav(signal(100, 8000));
    new DataView(bytes.buffer).setUint32(40, 0xffffffff, true);
    expect((await decodeAudio(bytes)).data.length).toBe(100);
  });

  const header = (change: (view: DataView) => void) => {
    const bytes = wav(signal(100, 8000));
    change(new DataView(bytes.buffer));
    return bytes;
  };
  it.each<[string, () => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(), 'AUDIO_EMPTY'],
    ['text', () => Buffer.from('not a sound'), 'AUDIO_UNSUPPORTED'],
    ['an MP3', () => Buffer.from('ID3\x04\0\0\0\0\0\0'), 'AUDIO_UNSUPPORTED'],
    ['a WAV that ends early', () => wav(signal(100, 8000)).subarray(0, 200), 'AUDIO_CORRUPT'],
    ['a WAV without samples', () => wav(signal(100, 8000)).subarray(0, 36), 'AUDIO_CORRUPT'],
    ['a WAV of no samples', () => wav(signal(0, 8000)), 'AUDIO_EMPTY'],
    ['a WAV of another encoding', () => header(view => view.setUint16(20, 85, true)), 'AUDIO_UNSUPPORTED'],
    ['a WAV of 12 bits', () => header(view => view.setUint16(34, 12, true)), 'AUDIO_UNSUPPORTED'],
    ['a WAV of no channels', () => header(view => view.setUint16(22, 0, true)), 'AUDIO_CORRUPT'],
    ['a WAV of 0 Hz', () => header(view => view.setUint32(24, 0, true)), 'AUDIO_CORRUPT'],
    ['a WAV of 4 GHz', () => header(view => view.setUint32(24, 0xffffffff, true)), 'AUDIO_CORRUPT'],
    [
      'a WAV with NaN',
      () => {
        const bytes = recording('float.wav');
        bytes.fill(0xff, 200, 204);
        return bytes;
      },
      'AUDIO_CORRUPT',
    ],
    ['a FLAC that ends early', () => recording('mono16.flac').subarray(0, 1500), 'AUDIO_CORRUPT'],
    ['a FLAC header alone', () => recording('mono16.flac').subarray(0, 42), 'AUDIO_CORRUPT'],
    ['a torn FLAC header', () => recording('mono16.flac').subarray(0, 20), 'AUDIO_CORRUPT'],
  ])('of %s is refused', async (_, make, code) => {
    await expect(decodeAudio(make())).rejects.toMatchObject({ code, where: 'decodeAudio' });
  });

  it('of any bytes is decoded or refused', async () => {
    const sound = wav(signal(50, 8000));
    const flac = recording('mono16.flac');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(sound, flac),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
        async (file, changes) => {
          const bytes = file.slice();
          for (const [at, value] of changes) bytes[at % Math.min(bytes.length, 400)] = value;
          const error = await decodeAudio(bytes).catch((thrown: unknown) => thrown);
          if (error instanceof Error) expect(error).toMatchObject({ code: expect.stringMatching(/^AUDIO_/) });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('resampling', () => {
  it.each(golden.resampled)(
    'from $from to $to Hz is that of scipy.signal.resample_poly',
    ({ from, to, length, values }) => {
      const { data, sampleRate } = resample(signal(900, from), to);
      expect([data.length, sampleRate]).toEqual([length, to]);
      expect(furthest(data.subarray(0, values.length), values)).toBeLessThan(2e-6);
    },
  );

  it('to the same rate changes nothing', () => {
    const same = signal(50, 16000);
    expect(resample(same, 16000).data).toBe(same.data);
  });
});

describe('the power spectrum', () => {
  it.each([2, 8, 64, 512, 6, 10, 400, 202])('of %i values is that of the sum which defines it', size => {
    const values = Float64Array.from(signal(size, 8000).data);
    const out = new Float64Array(size / 2 + 1);
    const transform = powerSpectrum(size);
    // Twice: what it keeps between calls must not show.
    transform(
      Float64Array.from({ length: size }, (_, i) => i),
      out,
    );
    transform(values, out);
    for (let bin = 0; bin <= size / 2; bin++) {
      let [re, im] = [0, 0];
      values.forEach((value, i) => {
        re += value * Math.cos((2 * Math.PI * i * bin) / size);
        im -= value * Math.sin((2 * Math.PI * i * bin) / size);
      });
      expect(out[bin]).toBeCloseTo(re * re + im * im, 8);
    }
  });
});

describe('mel filters', () => {
  it.each(golden.filters)(
    'of $by at $sampleRate Hz are the same here',
    ({ sampleRate, filters, ...options }) => {
      const own = melFilters(sampleRate, options);
      expect(own.length).toBe(options.mels);
      for (const { filter, first, weights } of filters) {
        expect(own[filter]!.first).toBe(first);
        expect(furthest(own[filter]!.weights, weights)).toBeLessThan(1e-9);
      }
    },
  );
});

describe('log-mel spectrograms', () => {
  const presets: Record<string, AudioPresetName> = { 'whisper 80': 'whisper', 'whisper 128': 'whisper-v3' };

  it.each(golden.spectrograms)(
    'of $name are those of its own front end',
    ({ name, samples, shape, mean, frames }) => {
      const preprocessing = audioPreset(presets[name] ?? (name as AudioPresetName));
      const { dims, data } = audioPreparer(preprocessing)(signal(samples, 16000));
      const timeFirst = preprocessing.features!.layout === 'time-mel';
      expect([...dims]).toEqual(timeFirst ? shape.slice().reverse() : shape);
      const [mels = 0, count = 0] = shape;
      const at = (t: number, m: number) => data[timeFirst ? t * mels + m : m * count + t]!;
      for (const { frame, values } of frames)
        expect(
          furthest(
            Float32Array.from(values, (_, m) => at(frame, m)),
            values,
          ),
        ).toBeLessThan(1e-4);
      expect(Array.from(data).reduce((sum, value) => sum + value, 0) / data.length).toBeCloseTo(mean, 4);
    },
  );
});

describe('a preprocessing of recordings', () => {
  it.each(audioPresetNames)('%s is plain data with a hash', name => {
    const preprocessing = audioPreset(name);
    expect(parsePreprocessing(JSON.stringify(preprocessing))).toEqual(preprocessing);
    expect(hashPreprocessing(preprocessing)).toMatch(/^[0-9a-f]{64}$/);
    const length = preprocessing.window;
    expect(audioPreparer(preprocessing)(signal(length, 16000)).dims).toEqual(audioDims(preprocessing));
  });

  const whisper = audioPreset('whisper');
  it.each<[string, object, RegExp]>([
    ['an unknown key', { ...whisper, colour: 1 }, /only the keys.*'colour'/],
    ['no window', { ...whisper, window: 0 }, /preprocessing\.window/],
    ['a rate that is none', { ...whisper, sampleRate: 16000.5 }, /preprocessing\.sampleRate/],
    ['frames of a waveform', { ...whisper, features: null, padding: 'frames' }, /padding/],
    ['a frame longer than the FFT', { ...whisper, features: { ...whisper.features, frame: 500 } }, /fftSize/],
    ['filters beyond half the rate', { ...whisper, features: { ...whisper.features, maxHz: 9000 } }, /maxHz/],
    ['a logarithm of 0', { ...whisper, features: { ...whisper.features, floor: 0 } }, /offset/],
    ['slaney norm of mels', { ...whisper, features: { ...whisper.features, triangles: 'mel' } }, /norm/],
    [
      'an unknown key of the spectrogram',
      { ...whisper, features: { ...whisper.features, dither: 1 } },
      /dither/,
    ],
    ['a later version', { ...whisper, version: 2 }, /at most 1/],
  ])('is refused for %s', (_, value, message) => {
    expect(() => parsePreprocessing(value)).toThrow(message);
  });

  it('fills short recordings as it says', () => {
    const short = signal(6, 16000);
    const prepare = (padding: AudioPreprocessing['padding']) =>
      audioPreparer(audioPreset('waveform', { window: 10, hop: 10, padding }))(short).data;
    expect([...prepare('zeros')]).toEqual([...short.data, 0, 0, 0, 0]);
    expect([...prepare('repeat')]).toEqual([...short.data, ...short.data.subarray(0, 4)]);
    expect(() => prepare('refuse')).toThrow(/at least 10 samples.*6/);
  });

  it('standardizes each window', () => {
    const { data } = audioPreparer(audioPreset('wav2vec2'))(signal(16000, 16000));
    const mean = Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(Array.from(data).reduce((sum, value) => sum + value ** 2, 0) / data.length).toBeCloseTo(1, 3);
  });

  it('never takes the first window of a long recording for all of it', () => {
    expect(() => audioPreparer(audioPreset('waveform'))(signal(16001, 16000))).toThrow(
      /one window of 1 s.*start.*audioWindows/,
    );
  });

  it.each([-1, 2, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the start %d of a recording of 1.5 s',
    start => {
      expect(() => audioPreparer(audioPreset('waveform'))(signal(24000, 16000), start)).toThrow(
        /a start from 0 to below 1.5 s/,
      );
    },
  );
});

describe('windows', () => {
  it('cover a recording: each sample is in one, none reaches beyond the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (length, window, step) => {
          const hop = Math.min(step, window);
          const starts = windowStarts(length, { window, hop });
          const covered = new Set(
            starts.flatMap(start => Array.from({ length: window }, (_, i) => start + i)),
          );
          for (let i = 0; i < length; i++) expect(covered.has(i)).toBe(true);
          if (length >= window) expect(Math.max(...starts) + window).toBe(length);
          expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Features: mean, and mean of squares, of the window. */
const loudness: FeatureModel = {
  inputs: [{ name: 'waveform', type: 'float32', dims: ['batch', 8000] }],
  async run(batch) {
    const { dims, data } = batch as { dims: readonly number[]; data: Float32Array };
    const rows = dims[0]!;
    const features = Float32Array.from({ length: 2 * rows }, (_, i) => {
      const own = data.subarray((i >> 1) * 8000, ((i >> 1) + 1) * 8000);
      return own.reduce((sum, value) => sum + value ** (1 + (i % 2)), 0) / 8000;
    });
    return { features: { rows, cols: 2, data: features } };
  },
};
const halfSecond = audioPreset('waveform', { window: 8000, hop: 4000 });

describe('extraction of recordings', () => {
  const long = wav(signal(22050 * 2, 22050));

  it('gives a row a window, with ids of file and second, the recording decoded once', async () => {
    const files = streamed([
      { id: 'a.wav', label: 3, bytes: long },
      { id: 'b.wav', bytes: wav(signal(4000, 16000)) },
    ]);
    const { ids, labels, features } = await extract(loudness, audioWindows(files, halfSecond), {
      preprocessing: halfSecond,
    });
    const starts = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];
    expect(ids).toEqual([...starts.map(start => `a.wav@${start}`), 'b.wav@0']);
    expect([...labels]).toEqual([...starts.map(() => 3), -1]);
    const { data } = await decodeAudio(long, { sampleRate: 16000 });
    starts.forEach((start, row) => {
      const own = data.subarray(start * 16000, start * 16000 + 8000);
      expect(features.data[2 * row + 1]).toBeCloseTo(
        own.reduce((sum, value) => sum + value ** 2, 0) / 8000,
        6,
      );
    });
  });

  it('takes waveforms at any rate, and refuses bad ones by their ids', async () => {
    const waveform = signal(22050, 22050);
    const samples: Sample[] = [
      { id: 'good', waveform, start: 0.25 },
      { id: 'long', waveform },
      { id: 'rate', waveform: { ...waveform, sampleRate: 0 } },
      { id: 'nan', waveform: { ...waveform, data: Float32Array.of(Number.NaN) } },
      { id: 'image', pixels: { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } },
      { id: 'torn', bytes: long.subarray(0, 400) },
    ];
    const { ids, failures } = await extract(loudness, streamed(samples), { preprocessing: halfSecond });
    expect(ids).toEqual(['good']);
    expect(failures.map(({ id, code }) => [id, code])).toEqual([
      ['long', 'SAMPLE_INVALID'],
      ['rate', 'SAMPLE_INVALID'],
      ['nan', 'SAMPLE_INVALID'],
      ['image', 'SAMPLE_INVALID'],
      ['torn', 'AUDIO_CORRUPT'],
    ]);
  });

  it('lets a torn recording through as one sample, which is refused', async () => {
    const files = streamed([
      { id: 'torn.wav', bytes: long.subarray(0, 400) },
      { id: 'b.wav', bytes: wav(signal(8000, 16000)) },
    ]);
    const { ids, failures } = await extract(loudness, audioWindows(files, halfSecond), {
      preprocessing: halfSecond,
    });
    expect(ids).toEqual(['b.wav@0']);
    expect(failures).toMatchObject([{ index: 0, id: 'torn.wav', code: 'AUDIO_CORRUPT' }]);
  });

  it('refuses a model of other windows before anything is decoded', async () => {
    const preprocessing = audioPreset('waveform');
    await expect(extract(loudness, streamed([]), { preprocessing })).rejects.toMatchObject({
      code: 'MODEL_INPUT_MISMATCH',
      message: expect.stringMatching(/\[8000\].*\[16000\]/),
    });
    await expect(extract(planeMeans(), streamed([]), { preprocessing })).rejects.toMatchObject({
      code: 'MODEL_INPUT_MISMATCH',
    });
  });

  it('into a store goes on where it was interrupted', async () => {
    const path = join(await temporaryFolder(), 'windows.arrow');
    const model = { ...describedModel(), ...loudness };
    const source = (stopAt = Number.POSITIVE_INFINITY) =>
      audioWindows(
        streamed(
          Array.from({ length: 6 }, (_, i) => ({ id: `${i}.wav`, bytes: wav(signal(16000 + i, 16000)) })),
          index => {
            if (index === stopAt) throw new Error('pulled the plug');
          },
        ),
        halfSecond,
      );
    const options = { preprocessing: halfSecond, batchSize: 2, rowsPerBatch: 2 };
    await expect(extractToStore(path, model, source(4), options)).rejects.toThrow('pulled the plug');
    const made = await extractToStore(path, model, source(), options);
    expect(made.reusedRows).toBeGreaterThan(0);
    // A hop of half a window in one second, and a rest of i samples.
    expect(made.rows).toBe(3 + 5 * 4);
  });

  it('digests windows of one recording apart, and knows the recording', () => {
    const digest = sampleDigester();
    const [first, second] = [0, 0.25].map(start => digest({ id: 'a', bytes: long, start }));
    expect(first!.whole).toBe(digest({ id: 'a', bytes: long }).content);
    expect(first!.whole).toBe(second!.whole);
    expect(first!.content).not.toBe(second!.content);
  });
});
