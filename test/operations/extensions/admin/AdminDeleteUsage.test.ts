import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

const HOUR_MS = 3_600_000

/** A user of whom so many hours of usage are known, from 2020 on. */
async function usageOf(hours: number): Promise<string> {
  const ownerId = uniqueName('u')
  const numbers = { bytesSent: 1, bytesReceived: 1, operations: 1, successfulOperations: 1 }
  const start = Date.UTC(2020, 0, 1)
  const rows = Array.from({ length: hours }, (_, i) => ({
    ownerId,
    bucket: 'b',
    category: 'get_obj',
    hourMs: start + i * HOUR_MS,
    ...numbers,
  }))
  await server().running.services.metadata.write((tx) => tx.usage.add(rows))
  return ownerId
}

async function operations(uid: string): Promise<number> {
  const { json } = await admin(`GET usage?uid=${uid}&show-entries=false`)
  return json.summary[0]?.total.ops ?? 0
}

describe('AdminDeleteUsage', () => {
  it('forgets that of a user, or of a time', async () => {
    const [one, other] = [await usageOf(3), await usageOf(2500)]
    expect((await admin(`DELETE usage?uid=${one}&end=2020-01-01%2002:00:00`)).status).toBe(200)
    expect([await operations(one), await operations(other)]).toEqual([1, 2500])
    expect((await admin(`DELETE usage?uid=${other}`)).text).toBe('')
    expect([await operations(one), await operations(other)]).toEqual([1, 0])
  })

  it('forgets everything only where it is told so plainly', async () => {
    const uid = await usageOf(2)
    for (const query of ['', '?remove-all=False', '?remove-all=0']) {
      const { status, json } = await admin(`DELETE usage${query}`)
      expect([status, json.Code]).toEqual([400, 'InvalidArgument'])
    }
    expect((await admin(`DELETE usage?uid=${uid}&bucket=b`)).json.Code).toBe('NotImplemented')
    expect(await operations(uid)).toBe(2)
    expect((await admin('DELETE usage?remove-all=True')).status).toBe(200)
    expect(await operations(uid)).toBe(0)
  })

  it('needs usage=write', async () => {
    const request = `DELETE usage?uid=${await usageOf(1)}`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
