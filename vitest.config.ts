import { defineConfig } from 'vitest/config'

/** Tests against the wall clock: one file at a time and after all others, so that no neighbour takes their time. */
const realTime = [
  'test/e2e/**/*.test.ts',
  'test/real-engine/**/*.test.ts',
  'test/sandbox/**/*.test.ts',
  'test/clients.test.ts',
  'test/examples.test.ts',
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
