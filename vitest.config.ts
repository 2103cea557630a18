import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'node_modules/**'],
    // Real servers, real SQLite and real files: generous, so that a busy machine does not fail a sound test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // So is what is waited for within a test: vitest's own second is not enough for a process to start or to end.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
  },
})
