import { defineConfig } from 'vitest/config';

/** One configuration for all packages: sources of our own packages, and no library may print. */
export default defineConfig({
  resolve: { conditions: ['@ood/source'] },
  ssr: { resolve: { conditions: ['@ood/source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Generous: two cores shared with other suites are slow, and speed is measured by benchmarks.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    setupFiles: ['fail-on-console', 'property-tests'].map(
      name => new URL(`./${name}.ts`, import.meta.url).pathname,
    ),
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
  },
});
