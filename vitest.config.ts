import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/announce.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
