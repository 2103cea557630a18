import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/interop/setup.ts'],
    // Real clients move hundreds of MiB, and the first run installs them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // One client at a time: each brings its own load.
    fileParallelism: false,
  },
})
