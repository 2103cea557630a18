import { createHash } from 'node:crypto'
import { Secret } from '../config/config.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * What an endpoint is called in logs. Of an HTTP endpoint only the origin: webhooks have their secrets in the path or
 * the query.
 */
export function describeEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'http':
      return new URL(endpoint.url).origin
    case 'amqp':
      return `${endpoint.tls ? 'amqps' : 'amqp'}://${place(endpoint)}/${endpoint.vhost === '/' ? '' : endpoint.vhost}`
    case 'kafka':
      return `kafka://${place(endpoint)}`
    case 'inbox':
      return `inbox://${endpoint.name}`
  }
}

/** The same for endpoints that are the same in all they say, secrets too; a digest, so that it betrays none. */
export function identityOf(endpoint: Endpoint): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify(endpoint))
  if ('credentials' in endpoint && endpoint.credentials !== undefined)
    hash.update(endpoint.credentials.password.reveal())
  return hash.digest('base64')
}

/** A foreign library's message without the endpoint's secret, should it quote it. */
export function messageOf(cause: unknown, endpoint: Endpoint): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause)
  const credentials = 'credentials' in endpoint ? endpoint.credentials : undefined
  const secret = credentials?.password.reveal() ?? ''
  return secret === '' ? text : text.replaceAll(secret, new Secret(secret).toString())
}

function place({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
