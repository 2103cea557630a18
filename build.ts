import { cp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'rolldown'
import { bundledFontFiles } from './src/renderer/text/files.ts'

// Bundles src/ into dist/ for the npm package and the container image: one program, its lazily loaded parts, and as
// files of their own the checkpoint thread and the process that renders. Running from the sources needs no build.

const DIST = 'dist'

/** Packages with native code find their binaries relative to themselves, so they stay what they are. */
const NATIVE = ['better-sqlite3', '@node-rs/crc32', 'sharp']

await rm(DIST, { recursive: true, force: true })
const { output } = await build({
  input: {
    cozos: 'src/main.ts',
    'checkpoint-worker': 'src/storage/metadata/sqlite/checkpoint-worker.ts',
    'render-worker': 'src/renderer/sharp/render-worker.ts',
  },
  platform: 'node',
  external: NATIVE,
  output: {
    dir: DIST,
    format: 'esm',
    entryFileNames: '[name].js',
    // All in one folder: the sources find the workers and package.json relative to themselves.
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    sourcemap: false,
    // npm makes the `bin` of a package executable; the shebang is what makes it a program.
    postBanner: (chunk) => (chunk.fileName === 'cozos.js' ? '#!/usr/bin/env node\n' : ''),
  },
})
for (const { fileName } of output) {
  const { size } = await stat(`${DIST}/${fileName}`)
  process.stdout.write(`${DIST}/${fileName} ${Math.ceil(size / 1024)} KiB\n`)
}

// The fonts of text watermarks, which the renderer finds beside itself.
for (const { from, to } of bundledFontFiles()) await cp(from, join(DIST, 'fonts', to))
