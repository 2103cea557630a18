import { enableCompileCache } from 'node:module'

// Compiled code is kept between starts, so that all but the first are faster. Before everything else is loaded.
enableCompileCache()
const { run } = await import('./cli.ts')
await run(process.argv.slice(2))
