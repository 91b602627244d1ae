import { expect, it } from 'vitest';
import { sourceFiles } from './workspace.ts';

interface Rule {
  readonly what: string;
  /** What gives a copy away. */
  readonly pattern: RegExp;
  /** Files outside core that may hold it, each with its reason. */
  readonly except?: Readonly<Record<string, string>>;
}

/** What core has for all: a second copy would come to differ. */
const RULES: readonly Rule[] = [
  { what: 'the mark of our errors', pattern: /Symbol\.for\('ood\.error'\)/ },
  {
    what: 'a generator of random numbers',
    pattern:
      /Math\.random\(|>>> 0\) \/ (?:2 \*\* 32|4294967296|0x100000000)|61 \| \w+\)|next\(\) \/ 2 \*\* 32/,
    except: {
      'packages/flows/src/training/streams.ts':
        'a hash of a row number: the same in every pass, whatever the batches',
    },
  },
  {
    what: 'safetensors',
    pattern: /data_offsets:|data_offsets\b.*\} ?=/,
    except: {
      'packages/flows/src/training/checkpoint.ts':
        'its header carries a checksum of itself and is written without the arrays in memory',
    },
  },
  { what: '.npy', pattern: /fortran_order/ },
  { what: 'a symmetric eigendecomposition', pattern: /function\*? (?:implicitQl|tridiagonali[sz]e)\b/ },
  { what: 'a Cholesky factor', pattern: /function cholesky\b/ },
  {
    what: 'a thread',
    pattern: /new Worker\(/,
    except: {
      'packages/onnx/src/node/isolated/watchdog.ts':
        'a few lines of plain JavaScript that watch a blocked thread: no module to load',
    },
  },
  { what: 'names of refusals of the system', pattern: /'(?:ENOSPC|EDQUOT|EMFILE|ENAMETOOLONG)'/ },
  {
    what: 'a file that gets its name when it is complete',
    pattern: /\brename\b.*from 'node:fs/,
    except: {
      'packages/datasets/src/download/download-file.ts':
        'a download goes on from its partial file, which has one fixed name',
      'packages/features/src/store/store-writer.ts':
        'an extraction goes on from its partial store, which has one fixed name',
    },
  },
];

it.each(RULES)('has $what in core alone', ({ pattern, except = {} }) => {
  const copies = sourceFiles()
    .filter(
      ({ path, text }) =>
        !path.startsWith('packages/core/') && pattern.test(text) && !Object.hasOwn(except, path),
    )
    .map(({ path }) => path);
  expect(copies).toEqual([]);
});

it.each(RULES)('sees $what in core, were there a copy', ({ what, pattern }) => {
  const seen = sourceFiles().filter(
    ({ path, text }) => path.startsWith('packages/core/') && pattern.test(text),
  );
  expect(seen.length, what).toBeGreaterThan(0);
});
