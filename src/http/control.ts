import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** One request to the control API. */
export interface ControlRequest {
  readonly query: Readonly<Record<string, unknown>>
  /** The JSON document that came with it; undefined without one. */
  readonly body: unknown
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
  /** What stands in the path where its route has `<name>`. */
  readonly name?: string | undefined
}

export type ControlMethod = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** What one path of the control API does: the answers are sent as JSON. */
export type ControlRoute = { readonly [Method in ControlMethod]?: (request: ControlRequest) => Promise<object> }

/** By path: `/control/clock`, or `/control/inbox/<name>` for any name. */
export type ControlRoutes = Readonly<Record<string, ControlRoute>>

/** What a route answers instead: a status and a document with the reason as its `error`. */
export class ControlRefusal extends Error {
  readonly status: number
  readonly details: object

  constructor(status: number, reason: string, details: object = {}) {
    super(reason)
    this.status = status
    this.details = details
  }
}

/** The documents that control anything are short. */
const BODY_BYTES_MAX = 64 * 1024

const OFF =
  'the control API is off: unless admin.control (COZOS_ADMIN_CONTROL) says so, it is served only where the admin port ' +
  'listens on a loopback address, because it asks nobody who they are'

/**
 * The routes below /control, for tests and for people who try things out: nobody signs what they send. They are found
 * when a request comes, because the port listens before there is anything to control.
 */
export function controlApi(routes: () => ControlRoutes | 'off' | undefined): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers()
    // Whatever a client calls it: curl sends JSON as a form.
    app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    )
    app.setErrorHandler((error, _request, reply) => {
      const status = error instanceof ControlRefusal ? error.status : statusOf(error)
      const details = error instanceof ControlRefusal ? error.details : {}
      const reason = error instanceof Error ? error.message : String(error)
      return reply.code(status).send({ error: reason, ...details })
    })
    app.all('/control', async (request, reply) => serve(routes(), request, reply))
    app.all('/control/*', async (request, reply) => serve(routes(), request, reply))
  }
}

async function serve(
  routes: ControlRoutes | 'off' | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  if (routes === undefined) throw new ControlRefusal(503, 'the server is not ready')
  if (routes === 'off') throw new ControlRefusal(403, OFF)
  // Pages of any site reach a loopback port from a browser on the same machine, and a browser says whose they are.
  if (request.headers.origin !== undefined) throw new ControlRefusal(403, 'the control API is not for web pages')
  const path = request.url.split('?', 1)[0] ?? ''
  const { route, name } = find(routes, path)
  if (route === undefined) {
    throw new ControlRefusal(404, `there is no ${path}; there is ${Object.keys(routes).toSorted().join(', ')}`)
  }
  const run = Object.hasOwn(route, request.method) ? route[request.method as ControlMethod] : undefined
  if (run === undefined) {
    const allowed = Object.keys(route).join(', ')
    reply.header('allow', allowed)
    throw new ControlRefusal(405, `${path} takes ${allowed}`)
  }
  const query = request.query as Record<string, unknown>
  return await run({ query, body: parse(request.body), signal: untilGone(request, reply), name })
}

function find(routes: ControlRoutes, path: string): { route?: ControlRoute | undefined; name?: string } {
  if (Object.hasOwn(routes, path)) return { route: routes[path] }
  const parts = path.split('/')
  for (const [pattern, route] of Object.entries(routes)) {
    const wanted = pattern.split('/')
    const place = wanted.indexOf('<name>')
    const name = parts[place] ?? ''
    // Fastify has refused what cannot be decoded.
    if (name !== '' && wanted.with(place, name).join('/') === path) return { route, name: decodeURIComponent(name) }
  }
  return {}
}

function parse(body: unknown): unknown {
  if (typeof body !== 'string' || body.trim() === '') return undefined
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new ControlRefusal(400, `the document is not JSON: ${(cause as Error).message}`)
  }
}

/**
 * The listener answers clients that have closed their half of the connection, so nothing else tells of one that hangs
 * up: whoever waits for something here stays on the line.
 */
function untilGone({ socket }: FastifyRequest, { raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  const onGone = () => gone.abort()
  socket.once('end', onGone)
  raw.once('close', () => {
    socket.off('end', onGone)
    onGone()
  })
  return gone.signal
}

/** Fastify's own errors say which status they are. */
function statusOf(error: unknown): number {
  const { statusCode } = error as { statusCode?: unknown }
  return typeof statusCode === 'number' ? statusCode : 500
}
