import type { FastifyReply, FastifyRequest } from 'fastify'
import { ADMIN_ENTRY } from '../s3/address.ts'
import { type AcceptOptions, accept } from './app.ts'

/** Whether a request target is the admin API's. It is compared as it was sent, as S3 does with paths. */
export function isAdminTarget(target: string): boolean {
  const path = target.split('?', 1)[0] ?? ''
  return path === `/${ADMIN_ENTRY}` || path.startsWith(`/${ADMIN_ENTRY}/`)
}

/** Ceph's admin API on the admin port, which goes the same way as every S3 request. */
export class AdminOps {
  readonly #options: AcceptOptions
  readonly #running = new Set<Promise<void>>()

  constructor(options: AcceptOptions) {
    this.#options = options
  }

  accept(request: FastifyRequest, reply: FastifyReply): void {
    const served = accept(request, reply, this.#options)
    this.#running.add(served)
    void served.then(() => this.#running.delete(served))
  }

  /** Waits for what is under way, and breaks it off at the deadline. To be called before the stores are closed. */
  async drain(deadlineMs: number): Promise<void> {
    const deadline = setTimeout(() => this.#options.exchanges.abortAll(), deadlineMs)
    await Promise.all(this.#running)
    clearTimeout(deadline)
  }
}
