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
    return {
      values: this.#values.subarray(0, this.#count),
      indices: this.#indices.subarray(0, this.#count),
    };
  }

  clear(): void {
    this.#count = 0;
    this.threshold = Number.NEGATIVE_INFINITY;
  }

  /** Moves the `size` largest to the front (Hoare's quickselect). */
  #keepLargest(): void {
    const values = this.#values;
    const indices = this.#indices;
    let low = 0;
    let high = this.#count - 1;
    const last = this.#size - 1;
    while (low < high) {
      const pivot = values[(low + high) >> 1];
      let i = low;
      let j = high;
      while (i <= j) {
        while (values[i] > pivot) i++;
        while (values[j] < pivot) j--;
        if (i > j) break;
        const value = values[i];
        values[i] = values[j];
        values[j] = value;
        const index = indices[i];
        indices[i++] = indices[j];
        indices[j--] = index;
      }
      if (last <= j) high = j;
      else if (last >= i) low = i;
      else break;
    }
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i <= last; i++) if (values[i] < least) least = values[i];
    this.threshold = least;
    this.#count = this.#size;
  }
}
