// How the sources are run: `node src/start.js`. JavaScript, because Node loads its TypeScript compiler (13 MiB that stay
// resident) for a first file in TypeScript, before the cache of compiled code can be switched on; all the others come
// out of that cache. The default import, as in main.ts.
import nodeModule from 'node:module'

nodeModule.enableCompileCache?.()
await import('./main.ts')
