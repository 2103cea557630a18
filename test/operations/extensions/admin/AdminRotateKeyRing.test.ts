import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { createBucket } from '../../../support/buckets.ts'
import { useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminRotateKeyRing', () => {
  it('answers at once, and objects and users go on', async () => {
    const bucket = await createBucket(server())
    const headers = { 'x-amz-server-side-encryption': 'AES256' }
    await server().request('PUT', `/${bucket}/before`, { body: 'old', headers })
    const first = await admin('POST keyring?rotate')
    expect(first.json).toMatchObject({ rotating: true, renewed: 0, stuck: 0 })
    await server().request('PUT', `/${bucket}/after`, { body: 'new', headers })
    expect((await server().request('GET', `/${bucket}/before`)).text).toBe('old')
    expect((await server().request('GET', `/${bucket}/after`)).text).toBe('new')
    expect((await server().request('GET', '/', { as: 'alt' })).status).toBe(200)
    await server().restart()
    expect((await server().request('GET', `/${bucket}/before`)).text).toBe('old')
    expect((await server().request('GET', '/', { as: 'alt' })).status).toBe(200)
    const second = await admin('POST keyring?rotate')
    expect(second.json).not.toMatchObject({ key: (first.json as { key: string }).key })
  })

  it('needs the capability zone to write', async () => {
    expect(await whoIsRefused(admin, 'POST keyring?rotate')).toEqual(['reader', 'alt', 'anonymous'])
  })
})
