/** What the reader has chosen. */
export interface State {
  /** Index of the detector in focus. */
  readonly focus: number;
  /** Indices of the detectors whose curves are drawn, ascending. */
  readonly shown: readonly number[];
  readonly set: number | 'all';
  /** Step of the threshold slider. */
  readonly step: number;
  readonly logarithmic: boolean;
}

export interface Store {
  get(): State;
  set(change: Partial<State>): void;
  /** Calls `draw` now, and whenever one of the keys changes. */
  watch(keys: readonly (keyof State)[], draw: (state: State) => void): void;
}

export function createStore(initial: State): Store {
  let state = initial;
  const watchers: { keys: readonly (keyof State)[]; draw: (state: State) => void }[] = [];
  return {
    get: () => state,
    set(change) {
      const before = state;
      state = { ...state, ...change };
      for (const { keys, draw } of watchers) if (keys.some(key => before[key] !== state[key])) draw(state);
    },
    watch(keys, draw) {
      watchers.push({ keys, draw });
      draw(state);
    },
  };
}
