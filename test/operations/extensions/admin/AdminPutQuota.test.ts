import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminPutQuota', () => {
  it('takes parameters, of which those left out stay', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const put = (query: string) => admin(`PUT user?quota&uid=${user.id}&quota-type=user&${query}`)
    const now = async () => (await admin(`GET user?quota&uid=${user.id}&quota-type=user`)).json
    const first = await put('max-objects=5&max-size-kb=3&enabled=true')
    expect([first.status, first.text]).toEqual([200, ''])
    expect(await now()).toMatchObject({ enabled: true, max_objects: 5, max_size: 3072, max_size_kb: 3 })
    await put('max-objects=-1')
    expect(await now()).toMatchObject({ enabled: true, max_objects: -1, max_size: 3072 })
    await put('enabled=False&max-size=100')
    expect(await now()).toMatchObject({ enabled: false, max_size: 100, max_size_kb: 1 })
  })

  it('takes JSON, for one or for both', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const one = JSON.stringify({ enabled: true, max_objects: '7', max_size: 10 })
    expect((await admin(`PUT user?quota&uid=${user.id}&quota-type=bucket`, { body: one })).status).toBe(200)
    const both = JSON.stringify({ user_quota: { enabled: true, max_size_kb: 1 } })
    expect((await admin(`PUT user?quota&uid=${user.id}`, { body: both })).status).toBe(200)
    expect((await admin(`GET user?quota&uid=${user.id}`)).json).toMatchObject({
      bucket_quota: { enabled: true, max_objects: 7, max_size: 10 },
      user_quota: { enabled: true, max_objects: -1, max_size: 1024 },
    })
    // What Ceph answers to a question is what it takes back.
    const told = (await admin(`GET user?quota&uid=${user.id}`)).text
    expect((await admin(`PUT user?quota&uid=${user.id}`, { body: told })).status).toBe(200)
    expect((await admin(`GET user?quota&uid=${user.id}`)).text).toBe(told)
  })

  it('is enforced', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const bucket = `/${uniqueName('b')}`
    await server().request('PUT', bucket, { as: user })
    await admin(`PUT user?quota&uid=${user.id}&quota-type=user&max-objects=1&enabled=true`)
    expect((await server().request('PUT', `${bucket}/a`, { as: user, body: 'x' })).status).toBe(200)
    const refused = await server().request('PUT', `${bucket}/b`, { as: user, body: 'x' })
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('QuotaExceeded')])
    await admin(`PUT user?quota&uid=${user.id}&quota-type=user&enabled=false`)
    expect((await server().request('PUT', `${bucket}/b`, { as: user, body: 'x' })).status).toBe(200)
  })

  it('refuses what is no quota', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const whole = `PUT user?quota&uid=${user.id}`
    for (const [request, body, code] of [
      [whole, undefined, 'InvalidArgument'],
      [`${whole}&quota-type=frob&max-objects=1`, undefined, 'InvalidArgument'],
      [`${whole}&quota-type=user&max-objects=many`, undefined, 'InvalidArgument'],
      [`${whole}&quota-type=user`, '{', 'InvalidArgument'],
      [`${whole}&quota-type=user`, '[]', 'InvalidArgument'],
      [`${whole}&quota-type=user`, '{"max_objects":1.5}', 'InvalidArgument'],
      [`${whole}&quota-type=user`, '{"enabled":"perhaps"}', 'InvalidArgument'],
      [whole, '{"max_objects":1}', 'InvalidArgument'],
      [whole, `{"user_quota":${' '.repeat(5000)}{}}`, 'MaxMessageLengthExceeded'],
      ['PUT user?quota&uid=nobody&quota-type=user&max-objects=1', undefined, 'NoSuchUser'],
      ['PUT user?quota&quota-type=user', undefined, 'InvalidArgument'],
    ] as const) {
      const answer = await admin(request, body === undefined ? {} : { body })
      expect(answer.json.Code, `${request} ${body}`).toBe(code)
    }
    expect((await admin(`GET user?quota&uid=${user.id}&quota-type=user`)).json.max_objects).toBe(-1)
    expect((await admin(`${whole}&quota-type=user`, { body: '{"max_objects":1}' })).status).toBe(200)
  })

  it('needs users=write', async () => {
    const request = `PUT user?quota&uid=${(await makeUser(admin, uniqueName('u'))).id}&quota-type=user&max-objects=1`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
