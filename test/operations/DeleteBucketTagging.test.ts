import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type UserName, uniqueName, useServer } from '../support/server.ts'

const TAGS = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
const STATUSES: readonly (readonly [DialectName, string])[] = [
  ['zos', '200'],
  ['rgw', '200'],
  ['aws', '204'],
  ['ibm-cos', '204'],
]

describe.each(STATUSES)('DeleteBucketTagging in the dialect %s', (dialect, status) => {
  const server = useServer({ config: { dialect } })
  const send = async (method: string, name: string, { as = 'root', body }: { as?: UserName; body?: string } = {}) =>
    verdict(await server().request(method, `/${name}`, { query: { tagging: undefined }, as, body }))

  it('removes the tags; where there are none that is no error', async () => {
    const name = await createBucket(server())
    expect(await send('DELETE', name)).toBe(status)
    expect(await send('PUT', name, { body: TAGS })).toBe(status)
    expect(await send('GET', name)).toBe('200')
    expect(await send('DELETE', name)).toBe(status)
    expect(await send('GET', name)).toBe('404 NoSuchTagSet')
    expect(verdict(await server().request('HEAD', `/${name}`))).toBe('200')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server())
    expect(await send('PUT', name, { body: TAGS })).toBe(status)
    expect(await send('DELETE', name, { as: 'alt' })).toBe('403 AccessDenied')
    expect(await send('DELETE', name, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await send('DELETE', uniqueName('none'))).toBe('404 NoSuchBucket')
    expect(await send('GET', name)).toBe('200')
    expect(await send('DELETE', name)).toBe(status)
  })
})
