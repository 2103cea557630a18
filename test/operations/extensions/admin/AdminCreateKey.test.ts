import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminCreateKey', () => {
  it('adds a key and tells its secret, and none of the others', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const { json } = await admin(`PUT user?key&uid=${user.id}&key-type=s3&generate-key=True`)
    expect(json).toHaveLength(2)
    const told = json.filter((key: { secret_key: string }) => key.secret_key !== '')
    expect(told).toHaveLength(1)
    expect(told[0].access_key).not.toBe(user.accessKey)
    const added = { id: user.id, accessKey: told[0].access_key, secretKey: told[0].secret_key }
    for (const as of [user, added]) expect((await server().request('GET', '/', { as })).status).toBe(200)
  })

  it('takes a key that is named, and gives one that is there another secret', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const accessKey = uniqueName('KEY')
    for (const secretKey of ['first', 'second']) {
      const { json } = await admin(`PUT user?key&uid=${user.id}&access-key=${accessKey}&secret-key=${secretKey}`)
      expect(json).toContainEqual({ user: user.id, access_key: accessKey, secret_key: secretKey })
      expect((await server().request('GET', '/', { as: { ...user, accessKey, secretKey } })).status).toBe(200)
    }
    expect((await server().request('GET', '/', { as: { ...user, accessKey, secretKey: 'first' } })).status).toBe(403)
    const xml = await admin(`PUT user?key&uid=${user.id}&access-key=${accessKey}&secret-key=third&format=xml`)
    const key = `<key><user>${user.id}</user><access_key>${accessKey}</access_key><secret_key>third</secret_key></key>`
    expect(xml.text).toContain('<keys><key>')
    expect(xml.text).toContain(key)
  })

  it('refuses the keys of others, and what is no key', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const other = await makeUser(admin, uniqueName('u'))
    for (const [query, status, code] of [
      [`uid=${user.id}&access-key=${other.accessKey}`, 409, 'KeyExists'],
      [`uid=${user.id}&access-key=cozos`, 409, 'KeyExists'],
      [`uid=${user.id}&access-key=a%2Fb`, 400, 'InvalidAccessKey'],
      [`uid=${user.id}&key-type=frob`, 400, 'InvalidKeyType'],
      [`uid=${user.id}&key-type=swift`, 501, 'NotImplemented'],
      [`uid=${user.id}&subuser=s`, 501, 'NotImplemented'],
      [`uid=${user.id}&generate-key=false`, 400, 'InvalidArgument'],
      ['uid=nobody', 404, 'NoSuchUser'],
      ['generate-key=true', 400, 'InvalidArgument'],
    ] as const) {
      const answer = await admin(`PUT user?key&${query}`)
      expect([answer.status, answer.json.Code], query).toEqual([status, code])
    }
    expect((await admin(`GET user?uid=${user.id}`)).json.keys).toHaveLength(1)
    expect((await admin(`PUT user?key&uid=${user.id}`)).status).toBe(200)
  })

  it('needs users=write', async () => {
    const request = `PUT user?key&uid=${(await makeUser(admin, uniqueName('u'))).id}`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
