// The default export, because an older Node.js has no such member: a named import would end it before it can say why.
import nodeModule from 'node:module'

/** The first release line with all that this program is written in; package.json says the same. */
const NODE_MAJOR_MIN = 24

if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  process.stderr.write(`cozos: needs Node.js ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}\n`)
  process.exit(1)
}
// Compiled code is kept between starts, so that all but the first are faster. Before everything else is loaded.
nodeModule.enableCompileCache()
const { run } = await import('./cli.ts')
await run(process.argv.slice(2))
