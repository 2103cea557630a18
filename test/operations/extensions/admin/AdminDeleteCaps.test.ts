import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminDeleteCaps', () => {
  it('takes away, and it counts at once', async () => {
    const user = await makeUser(admin, uniqueName('u'), '&user-caps=users=*;buckets=read')
    const { json } = await admin(`DELETE user?caps&uid=${user.id}&user-caps=users=write;buckets=*`)
    expect(json).toEqual([{ type: 'users', perm: 'read' }])
    expect((await admin('GET user?uid=alt', { as: user })).status).toBe(200)
    expect((await admin('GET bucket', { as: user })).status).toBe(403)
    expect((await admin(`DELETE user?caps&uid=${user.id}&user-caps=users=read`)).json).toEqual([])
  })

  it('refuses what the user does not have', async () => {
    const user = await makeUser(admin, uniqueName('u'), '&user-caps=users=*')
    for (const [query, status, code] of [
      [`uid=${user.id}&user-caps=buckets=read`, 404, 'NoSuchCap'],
      [`uid=${user.id}&user-caps=frobs=read`, 400, 'InvalidCapability'],
      [`uid=${user.id}`, 400, 'InvalidArgument'],
      ['uid=nobody&user-caps=users=read', 404, 'NoSuchUser'],
    ] as const) {
      const answer = await admin(`DELETE user?caps&${query}`)
      expect([answer.status, answer.json.Code], query).toEqual([status, code])
    }
    expect((await admin(`DELETE user?caps&uid=${user.id}&user-caps=users=*`)).status).toBe(200)
  })

  it('needs users=write', async () => {
    const user = await makeUser(admin, uniqueName('u'), '&user-caps=users=*')
    const request = `DELETE user?caps&uid=${user.id}&user-caps=users=*`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
