import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminAddCaps', () => {
  it('grants beside what was granted, and it counts at once', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    expect((await admin('GET user?uid=alt', { as: user })).status).toBe(403)
    const first = await admin(`PUT user?caps&uid=${user.id}&user-caps=users=read`)
    expect(first.json).toEqual([{ type: 'users', perm: 'read' }])
    expect((await admin('GET user?uid=alt', { as: user })).status).toBe(200)
    const second = await admin(`PUT user?caps&uid=${user.id}&user-caps=users=write;buckets=*`)
    expect(second.json).toEqual([
      { type: 'buckets', perm: '*' },
      { type: 'users', perm: '*' },
    ])
    const xml = await admin(`PUT user?caps&uid=${user.id}&user-caps=users=read&format=xml`)
    expect(xml.text).toContain('<caps><cap><type>buckets</type><perm>*</perm></cap><cap><type>users</type>')
  })

  it('refuses what is no capability, and nobody', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    for (const [query, status, code] of [
      [`uid=${user.id}&user-caps=frobs=read`, 400, 'InvalidCapability'],
      [`uid=${user.id}&user-caps=users=all`, 400, 'InvalidCapability'],
      [`uid=${user.id}`, 400, 'InvalidArgument'],
      ['uid=nobody&user-caps=users=read', 404, 'NoSuchUser'],
    ] as const) {
      const answer = await admin(`PUT user?caps&${query}`)
      expect([answer.status, answer.json.Code], query).toEqual([status, code])
    }
    expect((await admin(`PUT user?caps&uid=${user.id}&user-caps=zone=read`)).status).toBe(200)
  })

  it('needs users=write', async () => {
    const request = `PUT user?caps&uid=${(await makeUser(admin, uniqueName('u'))).id}&user-caps=users=*`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
