import type { ELDHistogram } from 'node:perf_hooks'
import fastify, { type FastifyInstance } from 'fastify'
import type { MetadataStore } from '../storage/metadata/store.ts'
import { exposition } from './exposition.ts'
import type { RequestMetrics } from './metrics.ts'
import { NO_SCHEMAS } from './no-schemas.ts'
import { PROMETHEUS_TYPE, renderFamilies } from './prometheus.ts'

/** The admin port answers before the stores are open, so it learns of them later. */
export class AdminState {
  phase: 'starting' | 'ready' | 'stopping' = 'starting'
  metadata: MetadataStore | undefined
}

export interface AdminOptions {
  readonly state: AdminState
  readonly requests: RequestMetrics
  readonly loopDelay: ELDHistogram
}

/** What somebody learns who took this port for the S3 port: S3 clients show the message of such a document. */
const NOT_S3 = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>NotFound</Code><Message>This is the admin port, with \
/healthz, /readyz and /metrics; S3 is served on another port</Message></Error>`

/** Health and metrics, on a port of their own: nothing here is signed. */
export function createAdminApp({ state, requests, loopDelay }: AdminOptions): FastifyInstance {
  const app = fastify({ logger: false, return503OnClosing: false, schemaController: NO_SCHEMAS })
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('application/xml').send(NOT_S3))
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const problem = await unreadiness(state)
    return problem === undefined ? { status: 'ready' } : reply.code(503).send({ status: problem })
  })
  app.get('/metrics', async (_request, reply) => {
    const { metadata } = state
    if (metadata === undefined) return reply.code(503).send({ status: state.phase })
    return reply
      .type(PROMETHEUS_TYPE)
      .send(renderFamilies(exposition({ requests, metadata: metadata.stats(), loopDelay })))
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
