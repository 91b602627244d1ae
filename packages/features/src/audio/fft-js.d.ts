declare module 'fft.js' {
  /** Transforms of one size, a power of two, over interleaved real and imaginary parts. */
  export default class FFT {
    constructor(size: number);
    createComplexArray(): number[];
    /** Fills the bins up to the middle. */
    realTransform(out: number[], values: ArrayLike<number>): void;
    transform(out: number[], values: ArrayLike<number>): void;
    inverseTransform(out: number[], values: ArrayLike<number>): void;
  }
}
