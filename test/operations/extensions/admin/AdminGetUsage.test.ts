import { beforeAll, describe, expect, it } from 'vitest'
import type { UsageRow } from '../../../../src/storage/metadata/rows.ts'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

const HOUR_MS = 3_600_000
const NOON_MS = Date.UTC(2020, 1, 3, 12)

function row(ownerId: string, category: string, change: Partial<UsageRow> = {}): UsageRow {
  const numbers = { bytesSent: 10, bytesReceived: 20, operations: 2, successfulOperations: 1 }
  return { ownerId, category, bucket: 'b', hourMs: NOON_MS, ...numbers, ...change }
}

beforeAll(async () => {
  await server().running.services.metadata.write((tx) =>
    tx.usage.add([
      row('limited', 'put_obj'),
      row('limited', 'create_bucket'),
      row('limited', 'put_obj', { hourMs: NOON_MS + HOUR_MS, operations: 5 }),
      row('limited', 'list_buckets', { bucket: '' }),
      row('other', 'get_obj'),
    ]),
  )
})

const numbers = { bytes_sent: 10, bytes_received: 20, ops: 2, successful_ops: 1 }

describe('AdminGetUsage', () => {
  it('tells the entries of a user by bucket and hour, and their sums', async () => {
    const { json } = await admin('GET usage?uid=limited')
    expect(json.entries).toEqual([
      {
        user: 'limited',
        buckets: [
          expect.objectContaining({ bucket: '', categories: [{ category: 'list_buckets', ...numbers }] }),
          {
            bucket: 'b',
            time: '2020-02-03T12:00:00.000000Z',
            epoch: NOON_MS / 1000,
            owner: 'limited',
            categories: [
              { category: 'create_bucket', ...numbers },
              { category: 'put_obj', ...numbers },
            ],
          },
          expect.objectContaining({ time: '2020-02-03T13:00:00.000000Z' }),
        ],
      },
    ])
    expect(json.summary).toEqual([
      {
        user: 'limited',
        categories: [
          { category: 'create_bucket', ...numbers },
          { category: 'list_buckets', ...numbers },
          { category: 'put_obj', bytes_sent: 20, bytes_received: 40, ops: 7, successful_ops: 2 },
        ],
        total: { bytes_sent: 40, bytes_received: 80, ops: 11, successful_ops: 4 },
      },
    ])
  })

  it('tells only what is asked for', async () => {
    const summary = await admin('GET usage?uid=limited&show-entries=False')
    expect(Object.keys(summary.json)).toEqual(['summary'])
    const entries = await admin('GET usage?uid=limited&show-summary=false')
    expect(Object.keys(entries.json)).toEqual(['entries'])
    const users = async (query: string) =>
      (await admin(`GET usage?show-entries=false&${query}`)).json.summary.map((one: { user: string }) => one.user)
    expect(await users('')).toEqual(expect.arrayContaining(['limited', 'other']))
    expect(await users('uid=other')).toEqual(['other'])
    expect(await users('uid=limited&bucket=none')).toEqual([])
    const ops = async (query: string) =>
      (await admin(`GET usage?uid=limited&show-entries=false&${query}`)).json.summary[0]?.total.ops
    expect(await ops('categories=put_obj')).toBe(7)
    expect(await ops('bucket=b')).toBe(9)
    expect(await ops('start=2020-02-03%2013:00:00')).toBe(5)
    expect(await ops('end=2020-02-03T13:00:00')).toBe(6)
    expect(await ops(`start=${NOON_MS / 1000}&end=2020-02-04`)).toBe(11)
    expect(await ops('start=2020-02-04')).toBeUndefined()
  })

  it('answers in XML where that is asked for', async () => {
    const { text } = await admin('GET usage?uid=other&format=xml')
    expect(text).toContain('<usage><entries><user><user>other</user><buckets><bucket><bucket>b</bucket>')
    expect(text).toContain('<summary><user><user>other</user><categories><entry><category>get_obj</category>')
  })

  it('refuses a time that is none', async () => {
    expect((await admin('GET usage?start=yesterday')).json.Code).toBe('InvalidArgument')
    expect((await admin('GET usage?end=2020-13-01')).json.Code).toBe('InvalidArgument')
    expect((await admin('GET usage?end=2020-12-01')).status).toBe(200)
  })

  it('needs usage=read', async () => {
    expect(await whoIsRefused(admin, 'GET usage')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET usage', { as: 'root' })).status).toBe(200)
  })
})
