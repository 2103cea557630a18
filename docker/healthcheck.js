// Exits with 0 if the server in this container is alive. Plain JavaScript: it runs every ten seconds and should be cheap.
import { get } from 'node:http'

const set = process.env['COZOS_ADMIN_PORT'] || '7481'
// Kubernetes describes a service named `cozos-admin` in this variable; the server passes that over, too.
const port = set.includes('://') ? '7481' : set
// A server that listens everywhere also listens here.
const configured = process.env['COZOS_ADMIN_HOST'] || process.env['COZOS_HOST'] || '127.0.0.1'
const host = configured === '0.0.0.0' || configured === '::' ? '127.0.0.1' : configured

get({ host, port, path: '/healthz', timeout: 2500 }, (response) => {
  process.exit(response.statusCode === 200 ? 0 : 1)
})
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
