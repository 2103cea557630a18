import type { ELDHistogram } from 'node:perf_hooks'
import fastify, { type FastifyInstance } from 'fastify'
import type { Renderer } from '../renderer/renderer.ts'
import type { MetadataStore } from '../storage/metadata/store.ts'
import { type AdminOps, isAdminTarget } from './admin-ops.ts'
import { type ControlRoutes, controlApi } from './control.ts'
import { type EventSources, eventFamilies } from './event-metrics.ts'
import { exposition } from './exposition.ts'
import { createListener, type ListenerOptions } from './listener.ts'
import type { RequestMetrics } from './metrics.ts'
import { NO_SCHEMAS } from './no-schemas.ts'
import { PROMETHEUS_TYPE, renderFamilies } from './prometheus.ts'

/** The admin port answers before the stores are open, so it learns of them later. */
export class AdminState {
  phase: 'starting' | 'ready' | 'stopping' = 'starting'
  metadata: MetadataStore | undefined
  renderer: Renderer | undefined
  events: EventSources | undefined
  ops: AdminOps | undefined
  control: ControlRoutes | 'off' | undefined
}

export interface AdminOptions {
  readonly state: AdminState
  readonly requests: RequestMetrics
  readonly loopDelay: ELDHistogram
  readonly listener: ListenerOptions
}

/** What somebody learns who took this port for the S3 port: S3 clients show the message of such a document. */
const NOT_S3 = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>NotFound</Code><Message>This is the admin port, with \
/healthz, /readyz, /metrics, /control/ and /admin/; S3 is served on another port</Message></Error>`

/** Health, metrics and the control API, which nobody signs, and Ceph's admin API, on a port of their own. */
export function createAdminApp({ state, requests, loopDelay, listener }: AdminOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    return503OnClosing: false,
    schemaController: NO_SCHEMAS,
    // The admin API's own routing is from the target exactly as it was sent.
    rewriteUrl: ({ url = '/' }) => (isAdminTarget(url) ? '/admin' : url),
    // The listener answers broken input itself.
    clientErrorHandler: () => undefined,
    serverFactory: (handler) => createListener(handler, listener),
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!isAdminTarget(request.originalUrl)) return
    if (state.ops === undefined || state.phase !== 'ready') return reply.code(503).send({ status: state.phase })
    state.ops.accept(request, reply)
    return reply
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('application/xml').send(NOT_S3))
  app.register(controlApi(() => (state.phase === 'ready' ? state.control : undefined)))
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const problem = await unreadiness(state)
    return problem === undefined ? { status: 'ready' } : reply.code(503).send({ status: problem })
  })
  app.get('/metrics', async (_request, reply) => {
    const { metadata, renderer, events } = state
    if (metadata === undefined || renderer === undefined || events === undefined) {
      return reply.code(503).send({ status: state.phase })
    }
    const facts = { requests, metadata: metadata.stats(), renderer: renderer.stats(), loopDelay }
    const families = [...exposition(facts), ...(await eventFamilies(events, metadata))]
    return reply.type(PROMETHEUS_TYPE).send(renderFamilies(families))
  })
  return app
}

async function unreadiness({ phase, metadata }: AdminState): Promise<string | undefined> {
  if (phase !== 'ready' || metadata === undefined) return phase
  try {
    // Any lookup does: what matters is that the database answers.
    await metadata.read((tx) => tx.buckets.find({ tenant: '', name: '' }))
    return undefined
  } catch {
    return 'the metadata cannot be read'
  }
}
