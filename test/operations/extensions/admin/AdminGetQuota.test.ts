import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminGetQuota', () => {
  it('tells of either quota, or of both', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    await admin(`PUT user?quota&uid=${user.id}&quota-type=bucket&max-objects=2&max-size=1048576&enabled=true`)
    // Recorded: admin.quota_get.
    const bucket = await admin(`GET user?quota&uid=${user.id}&quota-type=bucket&format=json`)
    expect(bucket.text).toBe(
      '{"enabled":true,"check_on_raw":false,"max_size":1048576,"max_size_kb":1024,"max_objects":2}',
    )
    const own = await admin(`GET user?quota&uid=${user.id}&quota-type=user`)
    expect(own.json).toEqual({ enabled: false, check_on_raw: false, max_size: -1, max_size_kb: 0, max_objects: -1 })
    const both = await admin(`GET user?quota&uid=${user.id}`)
    expect(both.json).toEqual({ bucket_quota: bucket.json, user_quota: own.json })
    const xml = await admin(`GET user?quota&uid=${user.id}&quota-type=user&format=xml`)
    expect(xml.text).toContain('<user_quota><enabled>false</enabled>')
  })

  it('refuses another type, and nobody', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    expect((await admin(`GET user?quota&uid=${user.id}&quota-type=frob`)).json.Code).toBe('InvalidArgument')
    expect((await admin('GET user?quota&uid=nobody')).json.Code).toBe('NoSuchUser')
    expect((await admin('GET user?quota')).json.Code).toBe('InvalidArgument')
    expect((await admin(`GET user?quota&uid=${user.id}`)).status).toBe(200)
  })

  it('needs users=read', async () => {
    const request = `GET user?quota&uid=${(await makeUser(admin, uniqueName('u'))).id}`
    expect(await whoIsRefused(admin, request)).toEqual(['alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
