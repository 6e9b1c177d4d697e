import { defineConfig } from 'vitest/config'

/**
 * Tests against the wall clock: one file at a time and after all others, so that no neighbour takes their time. What they
 * assert holds on a slow machine, too; one that stands still for seconds may yet break a run of theirs.
 */
const realTime = [
  'test/e2e/**/*.test.ts',
  'test/real-engine/**/*.test.ts',
  'test/sandbox/**/*.test.ts',
  'test/clients.test.ts',
  'test/examples.test.ts',
  'src/flow/sandbox/process-tree.test.ts',
  'src/flow/sandbox/sandbox.test.ts',
  'src/lab/bench/live/*.test.ts',
  'src/twin/http/*.test.ts',
]

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/announce.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...realTime],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'real-time',
          include: realTime,
          fileParallelism: false,
          maxWorkers: 1,
          // A stall of the machine may break a run once; a fault of ours breaks it every time. Reporters name what was retried.
          retry: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
