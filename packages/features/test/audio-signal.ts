import type { Waveform } from '../src/index.ts';

/** Two tones, a sweep and noise; the same formula is in tooling/golden/audio.py. */
export function signal(length: number, sampleRate: number): Waveform {
  let state = 1;
  const data = Float32Array.from({ length }, (_, i) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    const t = i / sampleRate;
    const tones = 0.4 * Math.sin(2 * Math.PI * 440 * t) + 0.2 * Math.sin(2 * Math.PI * (200 + 900 * t) * t);
    return tones + 0.1 * (state / 2 ** 31 - 1);
  });
  return { sampleRate, data };
}

/** A WAV file of 16-bit samples. */
export function wav({ sampleRate, data }: Waveform): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * data.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) =>
    bytes.set(
      [...word].map(char => char.charCodeAt(0)),
      at,
    );
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * data.length, true);
  data.forEach((value, i) => {
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(value * 32768))), true);
  });
  return bytes;
}
