import type { FastifyInstance } from 'fastify'
import type { Exchanges } from './exchanges.ts'

/** How often connections that have become idle meanwhile are closed: a keep-alive connection ends by nobody's doing. */
const SWEEP_MS = 25

/**
 * Stops accepting at once and resolves when the last connection is closed. Requests that still run after the deadline
 * are aborted and their connections closed.
 */
export async function closeGracefully(app: FastifyInstance, exchanges: Exchanges, deadlineMs: number): Promise<void> {
  const { server } = app
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  const deadline = setTimeout(() => {
    exchanges.abortAll()
    server.closeAllConnections()
  }, deadlineMs)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(deadline)
  }
}
