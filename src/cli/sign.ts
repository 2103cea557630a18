import { createHmac } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { canonicalQuery, sha256Hex } from '../s3/signature/canonical.ts'

export interface SignedRequest {
  readonly method: string
  readonly url: URL
  readonly key: Config['root']
  readonly nowMs: number
}

/** The headers that sign a request without a body: AWS Signature Version 4. */
export function signingHeaders({ method, url, key, nowMs }: SignedRequest): Record<string, string> {
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const payloadHash = sha256Hex('')
  const headers = { host: url.host, 'x-amz-content-sha256': payloadHash, 'x-amz-date': date }
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const names = Object.keys(headers).join(';')
  const query = canonicalQuery(url.search.slice(1), { leaveOut: undefined, plus: '%20' })
  const canonical = `${method}\n${url.pathname}\n${query}\n${lines.join('')}\n${names}\n${payloadHash}`
  const scope = [date.slice(0, 8), 'default', 's3', 'aws4_request']
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${key.secretKey.reveal()}`)
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope.join('/')}\n${sha256Hex(canonical)}`
  const signature = hmac(signingKey, text).toString('hex')
  const credential = `${key.accessKey}/${scope.join('/')}`
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`,
  }
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
