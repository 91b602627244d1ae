/** What holds for every implementation of a contract, for any test runner: `it(law.name, law.check)`. */
export interface Law {
  readonly name: string;
  /** Rejects with what was expected and what was found. */
  readonly check: () => Promise<void>;
}
