/** Gives names that no tensor of the graph has. */
export class Names {
  readonly #taken: Set<string>;
  /** The number last appended to a name. */
  readonly #last = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  fresh(wanted: string): string {
    let number = this.#last.get(wanted) ?? 0;
    let name = wanted;
    while (this.#taken.has(name)) name = `${wanted}.${++number}`;
    this.#last.set(wanted, number);
    this.#taken.add(name);
    return name;
  }

  /** Renames tensors of a body that moves to another place: those known beforehand, and all others to fresh names. */
  moved(prefix: string, known: Iterable<readonly [string, string]>): (name: string) => string {
    const given = new Map(known);
    return name => {
      if (name === '') return '';
      const found = given.get(name);
      if (found !== undefined) return found;
      const fresh = this.fresh(`${prefix}/${name}`);
      given.set(name, fresh);
      return fresh;
    };
  }
}
