import type { DialectName } from '../../src/config/config.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { IdSource } from '../../src/lib/ids.ts'
import type { Dialect } from '../../src/s3/dialect.ts'
import { createDialect } from '../../src/s3/dialects/create.ts'
import type { RequestHead } from '../../src/s3/request.ts'
import { readHead } from '../../src/s3/request-head.ts'

/** The head of a request as the server reads it. Header values are text: they go over the wire as UTF-8. */
export function headOf(method: string, target: string, headers: Readonly<Record<string, string>> = {}): RequestHead {
  const fields = { Host: 'localhost', ...headers }
  const rawHeaders = Object.entries(fields).flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')])
  const raw = { method, target, rawHeaders, remoteAddress: '127.0.0.1', encrypted: false }
  return readHead(raw, { domains: ['localhost'], websiteDomains: [], trustedProxies: () => false, publicHosts: [] })
}

/** A dialect with random ids, the machine's clock and the default region. */
export function dialectOf(name: DialectName): Dialect {
  return createDialect(name, { ids: new IdSource(), clock: systemClock, region: 'default' })
}
