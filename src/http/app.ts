import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { logRequest } from './access-log.ts'
import { Exchange } from './exchange.ts'
import type { Exchanges } from './exchanges.ts'
import { createListener, type ListenerOptions } from './listener.ts'
import type { RequestMetrics } from './metrics.ts'
import { NO_SCHEMAS } from './no-schemas.ts'
import { handle, type PipelineParts } from './pipeline.ts'
import { recordExchange } from './recording.ts'

export interface AcceptOptions {
  readonly pipeline: PipelineParts
  readonly exchanges: Exchanges
  readonly metrics: RequestMetrics
}

export interface AppOptions extends AcceptOptions {
  readonly listener: ListenerOptions
}

/**
 * The S3 listener. S3's routing is ours, from the target exactly as it was sent, so Fastify sees one path and hands
 * every request of every method over in its first hook, before it would look for a route or at a body.
 */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    schemaController: NO_SCHEMAS,
    return503OnClosing: false,
    rewriteUrl: () => '/',
    // The listener answers broken input itself.
    clientErrorHandler: () => undefined,
    serverFactory: (handler) => createListener(handler, options.listener),
  })
  app.addHook('onRequest', (request, reply) => {
    void accept(request, reply, options)
  })
  return app
}

/** Takes a request out of Fastify's hands. Resolves when it has been served; never rejects. */
export function accept(request: FastifyRequest, reply: FastifyReply, options: AcceptOptions): Promise<void> {
  reply.hijack()
  const exchange = new Exchange({
    request: request.raw,
    response: reply.raw,
    target: request.originalUrl,
    requestId: options.pipeline.dialect.requestId(),
    expectsContinue: options.exchanges.expectsContinue(request.raw),
  })
  follow(exchange, options)
  return handle(options.pipeline, exchange)
}

/** Metrics, the log line and what is recorded are emitted once, when the answer has been sent or the client is gone. */
function follow(exchange: Exchange, { exchanges, metrics, pipeline }: AcceptOptions): void {
  exchanges.add(exchange)
  // It comes once: `on` saves the wrapper that `once` needs.
  exchange.response.on('close', () => {
    exchanges.remove(exchange)
    const durationMs = performance.now() - exchange.startedAt
    metrics.count({
      operation: exchange.operation,
      status: exchange.status,
      durationMs,
      bytesIn: exchange.bytesIn,
      bytesOut: exchange.bytesOut,
    })
    logRequest(pipeline.log, exchange, durationMs)
    recordExchange(pipeline, exchange, durationMs)
  })
}
