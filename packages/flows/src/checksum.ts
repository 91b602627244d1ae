/** A 32-bit checksum of numbers and texts, in the order in which they are added: for damage and mix-ups, not for secrets. */
export class Checksum {
  #state = 0x811c9dc5;

  /** The bits of float32 numbers. */
  numbers(data: Float32Array): this {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
    let h = this.#state;
    for (let i = 0; i < words.length; i++) {
      h = Math.imul(h ^ words[i]!, 0x01000193);
      h ^= h >>> 15;
    }
    this.#state = h;
    return this;
  }

  text(text: string): this {
    for (let i = 0; i < text.length; i++) {
      this.#state = Math.imul(this.#state ^ text.charCodeAt(i), 0x01000193);
      this.#state ^= this.#state >>> 15;
    }
    return this;
  }

  /** Eight hexadecimal digits. */
  digest(): string {
    return (this.#state >>> 0).toString(16).padStart(8, '0');
  }
}
