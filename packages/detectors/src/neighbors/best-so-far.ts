import { selectLargest } from './select-largest.ts';

/** The `size` largest numbers seen of a stream, with their indices: most are dismissed by one comparison. */
export class BestSoFar {
  /** Numbers up to this one cannot be among the largest any more. */
  threshold = Number.NEGATIVE_INFINITY;
  readonly #size: number;
  readonly #values: Float64Array;
  readonly #indices: Int32Array;
  #count = 0;

  constructor(size: number) {
    this.#size = size;
    this.#values = new Float64Array(2 * size + 16);
    this.#indices = new Int32Array(2 * size + 16);
  }

  add(value: number, index: number): void {
    this.#values[this.#count] = value;
    this.#indices[this.#count++] = index;
    if (this.#count === this.#values.length) this.#keepLargest();
  }

  /** The largest with their indices, in no order; overwritten by what is added next. */
  found(): { readonly values: Float64Array; readonly indices: Int32Array } {
    if (this.#count > this.#size) this.#keepLargest();
    return this.#seen();
  }

  clear(): void {
    this.#count = 0;
    this.threshold = Number.NEGATIVE_INFINITY;
  }

  #keepLargest(): void {
    const { values, indices } = this.#seen();
    selectLargest(values, this.#size, indices);
    this.threshold = values[this.#size - 1]!;
    this.#count = this.#size;
  }

  #seen() {
    return {
      values: this.#values.subarray(0, this.#count),
      indices: this.#indices.subarray(0, this.#count),
    };
  }
}
