// The yardstick: a Fastify route that answers 4 KiB and does nothing else.

import fastify from 'fastify'

const body = Buffer.alloc(4096, 'x')
const app = fastify()
app.get('/', (_request, reply) => reply.type('application/octet-stream').send(body))
await app.listen({ host: '127.0.0.1', port: 0 })
console.error(`http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
