import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminGetUserMetadata', () => {
  it('lists ids, all or in pages', async () => {
    const prefix = uniqueName('meta')
    for (const name of ['a', 'b']) await makeUser(admin, `${prefix}-${name}`)
    // go-ceph sends no format.
    const all = await admin('GET metadata/user')
    expect(all.json).toEqual(expect.arrayContaining(['alt', `${prefix}-a`, `${prefix}-b`]))
    const page = await admin(`GET metadata/user?max-entries=1&marker=${prefix}`)
    expect(page.json).toEqual({ keys: [`${prefix}-a`], truncated: true, count: 1, marker: `${prefix}-a` })
  })

  it('tells what is stored of one', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const { json } = await admin(`GET metadata/user?key=${user.id}`)
    expect(json).toMatchObject({ key: user.id, data: { user_id: user.id, keys: [{ secret_key: '' }] } })
    const missing = await admin('GET metadata/user?key=nobody')
    expect([missing.status, missing.json.Code]).toEqual([404, 'NoSuchKey'])
    expect((await admin('GET metadata/user?max-entries=0')).json.Code).toBe('InvalidArgument')
  })

  it('needs metadata=read', async () => {
    expect(await whoIsRefused(admin, 'GET metadata/user')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET metadata/user', { as: 'root' })).status).toBe(200)
  })
})
