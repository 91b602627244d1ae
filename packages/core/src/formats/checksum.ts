const PRIME = 0x01000193;

function mixed(state: number, word: number): number {
  const product = Math.imul(state ^ word, PRIME);
  return product ^ (product >>> 15);
}

/**
 * A 32-bit checksum of numbers and texts in the order in which they are added, however they are cut: for damage and
 * mix-ups, not for secrets. Words go to four lanes by turns, because a single one would wait for itself.
 */
export class Checksum {
  readonly #lanes = Int32Array.of(0x811c9dc5, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35);
  #turn = 0;

  /** The bits of float32 numbers. */
  numbers(data: Float32Array): this {
    return this.#words(new Int32Array(data.buffer, data.byteOffset, data.length));
  }

  /** Bytes, such as those of an array of any type: each call on its own, a rest of up to three as a word. */
  bytes(data: Uint8Array): this {
    const whole = data.length & ~3;
    const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
    this.#words(new Int32Array(aligned.buffer, aligned.byteOffset, whole / 4));
    let rest = data.length - whole + 1;
    for (let i = whole; i < data.length; i++) rest = rest * 256 + data[i]!;
    this.#word(rest);
    return this;
  }

  #words(words: Int32Array): this {
    let i = 0;
    while (i < words.length && this.#turn !== 0) this.#word(words[i++]!);
    let [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    for (const end = words.length - 3; i < end; i += 4) {
      a = mixed(a, words[i]!);
      b = mixed(b, words[i + 1]!);
      c = mixed(c, words[i + 2]!);
      d = mixed(d, words[i + 3]!);
    }
    this.#lanes.set([a, b, c, d]);
    while (i < words.length) this.#word(words[i++]!);
    return this;
  }

  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
    return this;
  }

  /** Eight hexadecimal digits. */
  digest(): string {
    const whole = this.#lanes.reduce(mixed, this.#turn);
    return (whole >>> 0).toString(16).padStart(8, '0');
  }

  #word(word: number): void {
    this.#lanes[this.#turn] = mixed(this.#lanes[this.#turn]!, word);
    this.#turn = (this.#turn + 1) % 4;
  }
}
