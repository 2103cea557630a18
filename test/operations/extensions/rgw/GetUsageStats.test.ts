import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../../../support/buckets.ts'
import { type TestRequest, type TestServer, useServer } from '../../../support/server.ts'
import { MovedClock } from '../../../support/services.ts'

/** The real time, which signatures need, and standing still: no test runs over the end of an hour. */
const NOW_MS = Date.now()
const HOUR_MS = 3_600_000
const hourMs = NOW_MS - (NOW_MS % HOUR_MS)
const HOUR = `<Time>${new Date(hourMs).toISOString().replace('Z', '000Z')}</Time><Epoch>${hourMs / 1000}</Epoch>`
const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')

const get = (server: TestServer, request: TestRequest = {}, range: Record<string, string> = {}) =>
  server.request('GET', '/', { query: { usage: undefined, ...range }, as: 'alt', ...request })

const category = (name: string, numbers: readonly number[]): string =>
  `<Entry><Category>${name}</Category><BytesSent>${numbers[0]}</BytesSent><BytesReceived>${numbers[1]}</BytesReceived>` +
  `<Ops>${numbers[2]}</Ops><SuccessfulOps>${numbers[3]}</SuccessfulOps></Entry>`

describe('GetUsageStats', () => {
  const clock = new MovedClock(NOW_MS)
  const server = useServer({ overrides: { clock } })

  it('tells what the caller’s buckets have cost, by the hour and in all', async () => {
    const request = (method: string, path: string, sent: TestRequest = {}) =>
      server().request(method, path, { as: 'alt', ...sent })
    await request('PUT', '/usage-a')
    await request('PUT', '/usage-a/k', { body: 'x'.repeat(100) })
    await request('PUT', '/usage-a/k', { body: 'x'.repeat(50) })
    await request('GET', '/usage-a/k')
    await request('GET', '/usage-a/k', { as: 'root' })
    const missing = await request('GET', '/usage-a/none')
    const denied = await request('GET', '/usage-a/k', { as: 'anonymous' })
    const nowhere = await request('GET', '/usage-none/k')
    const answer = await get(server())
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
    const failed = missing.body.length + denied.body.length
    const bucket = category('get_obj', [100 + failed, 0, 4, 2]) + category('put_obj', [0, 150, 2, 2])
    expect(answer.text).toContain(
      '<?xml version="1.0" encoding="UTF-8"?><Usage><Entries><User><Owner>alt</Owner><Buckets>',
    )
    expect(answer.text).toContain(
      `<Bucket><Bucket>usage-a</Bucket>${HOUR}` +
        `<Categories>${category('create_bucket', [0, 0, 1, 1])}${bucket}</Categories></Bucket>`,
    )
    expect(answer.text).toContain(
      `<Bucket><Bucket>-</Bucket>${HOUR}<Categories>` +
        `${category('get_obj', [nowhere.body.length, 0, 1, 0])}</Categories></Bucket>`,
    )
    const sent = 100 + failed + nowhere.body.length
    expect(answer.text).toContain(
      `<Total><BytesSent>${sent}</BytesSent><BytesReceived>150</BytesReceived><Ops>8</Ops><SuccessfulOps>5</SuccessfulOps></Total>`,
    )
    expect(answer.text).toContain('<QuotaMaxBytes>-1</QuotaMaxBytes><QuotaMaxBuckets>1000</QuotaMaxBuckets>')
    expect(answer.text).toContain(
      '<TotalBytes>50</TotalBytes><TotalBytesRounded>50</TotalBytesRounded><TotalEntries>1</TotalEntries></Summary>' +
        '<CapacityUsed><User><Buckets><Entry><Bucket>usage-a</Bucket><Bytes>50</Bytes><Bytes_Rounded>50</Bytes_Rounded>' +
        '</Entry></Buckets></User></CapacityUsed></Usage>',
    )
  })

  it('cuts to a range of time', async () => {
    await createBucket(server(), { user: 'alt' })
    const texts = [
      await get(server(), {}, { 'start-date': dateOf(hourMs), 'end-date': dateOf(hourMs + HOUR_MS) }),
      await get(server(), {}, { 'start-date': dateOf(hourMs + HOUR_MS) }),
      await get(server(), {}, { 'end-date': dateOf(hourMs).slice(0, 10) }),
    ]
    expect(texts.map(({ text }) => text.includes('<Category>create_bucket'))).toEqual([true, false, false])
    expect(verdict(await get(server(), {}, { 'start-date': 'yesterday' }))).toBe('400 InvalidArgument')
  })

  it('outlives a restart, also what was not stored yet', async () => {
    await server().request('GET', '/', { as: 'alt' })
    await server().restart()
    const stored = await server().running.services.metadata.read((tx) =>
      tx.usage.list({ ownerId: 'alt', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after: undefined, limit: 100 }),
    )
    expect(stored).toContainEqual(expect.objectContaining({ bucket: '', category: 'list_buckets' }))
  })

  it('is for accounts alone', async () => {
    expect(verdict(await get(server(), { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), { as: 'root' }))).toBe('200')
  })
})
