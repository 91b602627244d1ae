import { describe, expect, it } from 'vitest';
import { probeVectors } from '../src/engine/probe-inputs.ts';

describe('probe vectors', () => {
  it('are as long as the input, of which a free dimension counts as 1', () => {
    const lengthsOf = (dims: (number | string | null)[]) =>
      probeVectors({ dims }).map(sample => 'vector' in sample && sample.vector.length);
    expect(lengthsOf(['batch', 6])).toEqual([6, 6, 6, 6]);
    expect(lengthsOf([null, 'steps', 3, null, 2])).toEqual([6, 6, 6, 6]);
  });

  it('are the same each time, and differ from each other', () => {
    const [first, second] = probeVectors({ dims: [1, 8] }, 2);
    expect(probeVectors({ dims: [1, 8] }, 1)).toEqual([first]);
    expect(second).not.toEqual({ ...first, id: second!.id });
  });
});
