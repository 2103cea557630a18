import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminDeleteKey', () => {
  it('removes a key, with or without its user named', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const [key] = (await admin(`PUT user?key&uid=${user.id}&access-key=${uniqueName('K')}`)).json
    const { status, text } = await admin(`DELETE user?key&access-key=${user.accessKey}`)
    expect([status, text]).toEqual([200, ''])
    expect((await server().request('GET', '/', { as: user })).text).toContain('InvalidAccessKeyId')
    const left = await admin(`GET user?uid=${user.id}`)
    expect(left.json.keys).toHaveLength(1)
    const again = await admin(`DELETE user?key&uid=${user.id}&access-key=${left.json.keys[0].access_key}&key-type=s3`)
    expect(again.status).toBe(200)
    expect(key.user).toBe(user.id)
  })

  it('refuses the keys of others, and those that there are not', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const other = await makeUser(admin, uniqueName('u'))
    for (const [query, status, code] of [
      [`uid=${other.id}&access-key=${user.accessKey}`, 400, 'InvalidAccessKey'],
      ['access-key=NONE', 400, 'InvalidAccessKey'],
      ['access-key=cozos', 400, 'InvalidAccessKey'],
      [`uid=nobody&access-key=${user.accessKey}`, 404, 'NoSuchUser'],
      [`uid=${user.id}`, 400, 'InvalidArgument'],
      [`access-key=${user.accessKey}&key-type=swift`, 501, 'NotImplemented'],
    ] as const) {
      const answer = await admin(`DELETE user?key&${query}`)
      expect([answer.status, answer.json.Code], query).toEqual([status, code])
    }
    expect((await server().request('GET', '/', { as: user })).status).toBe(200)
    expect((await admin(`DELETE user?key&uid=${user.id}&access-key=${user.accessKey}`)).status).toBe(200)
  })

  it('needs users=write', async () => {
    const request = `DELETE user?key&access-key=${(await makeUser(admin, uniqueName('u'))).accessKey}`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
