import { expect, it } from 'vitest'
import { createBucket, verdict } from './buckets.ts'
import { type TestServer, uniqueName } from './server.ts'

export interface UnsetRead {
  readonly subresource: string
  /** The parameters behind the subresource. */
  readonly query?: Readonly<Record<string, string>>
  /** `200`, or the status and code of the error. */
  readonly verdict: string
  /** The whole document; undefined for an error. */
  readonly document?: string
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>'
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

export function documentOf(root: string, inside: string): string {
  return `${XML}<${root} xmlns="${NAMESPACE}">${inside}</${root}>`
}

/** What every read of a configuration that no bucket can have must do. */
export function testUnsetRead(server: () => TestServer, read: UnsetRead): void {
  const get = (name: string, as: 'root' | 'alt' | 'anonymous' = 'root') =>
    server().request('GET', `/${name}`, { query: { [read.subresource]: undefined, ...read.query }, as })

  it('answers as S3 does for a bucket without it', async () => {
    const answer = await get(await createBucket(server()))
    expect(verdict(answer)).toBe(read.verdict)
    expect(answer.headers['content-type']).toBe('application/xml')
    if (read.document !== undefined) expect(answer.text).toBe(read.document)
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server())
    expect(verdict(await get(name))).toBe(read.verdict)
    expect(verdict(await get(name, 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await get(name, 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await get(uniqueName('none')))).toBe('404 NoSuchBucket')
  })

  it('cannot be put, which is said by name', async () => {
    const name = await createBucket(server())
    const query = { [read.subresource]: undefined, id: 'any' }
    const answer = await server().request('PUT', `/${name}`, { query, body: '<Configuration/>' })
    expect(verdict(answer)).toBe('501 NotImplemented')
    expect(answer.text).toMatch(/PutBucket\w+ is not implemented/)
    expect(verdict(await get(name))).toBe(read.verdict)
  })
}
