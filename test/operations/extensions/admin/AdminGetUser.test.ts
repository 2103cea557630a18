import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminGetUser', () => {
  it('tells of a user by its id or a key of its own', async () => {
    const uid = uniqueName('u')
    const user = await makeUser(admin, uid, `&email=${uid}@x.org`)
    const byId = await admin(`GET user?uid=${uid}`)
    expect(byId.json).toMatchObject({ user_id: uid, email: `${uid}@x.org`, keys: [{ access_key: user.accessKey }] })
    expect(byId.json.stats).toBeUndefined()
    expect((await admin(`GET user?access-key=${user.accessKey}`)).text).toBe(byId.text)
  })

  it('never tells a secret', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    for (const format of ['json', 'xml']) {
      const { text } = await admin(`GET user?uid=${user.id}&format=${format}`)
      expect(text).toContain(user.accessKey)
      expect(text).not.toContain(user.secretKey)
      expect((await admin(`GET user?uid=alt&format=${format}`)).text).not.toContain(server().alt.secretKey)
    }
  })

  it('tells what is stored for it where that is asked for', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    for (const size of [1000, 2000]) {
      const bucket = `/${uniqueName('b')}`
      await server().request('PUT', bucket, { as: user })
      await server().request('PUT', `${bucket}/k`, { as: user, body: Buffer.alloc(size) })
    }
    const { json } = await admin(`GET user?uid=${user.id}&stats=true&sync=False`)
    expect(json.stats).toMatchObject({ size: 3000, size_rounded: 3000, size_kb: 3, num_objects: 2 })
  })

  it('lists users where none is named', async () => {
    const uid = uniqueName('u')
    await makeUser(admin, uid)
    const { json } = await admin('GET user')
    expect(json.keys).toEqual(expect.arrayContaining([uid, 'alt', 'ops']))
    expect(json).toMatchObject({ truncated: false, count: json.keys.length })
  })

  it('refuses a user that there is not', async () => {
    for (const query of ['uid=nobody', 'access-key=NOKEY', 'uid=cozos']) {
      const { status, headers, json } = await admin(`GET user?${query}`)
      expect([status, headers['content-type'], json]).toEqual([
        404,
        'application/json',
        {
          Code: 'NoSuchUser',
          Message: expect.any(String),
          RequestId: expect.stringMatching(/^tx/),
          HostId: expect.any(String),
        },
      ])
    }
    const { text } = await admin('GET user?uid=nobody&format=xml')
    expect(text).toContain('<Error><Code>NoSuchUser</Code>')
    expect((await admin('GET user?uid=alt')).status).toBe(200)
  })

  it('needs users=read', async () => {
    expect(await whoIsRefused(admin, 'GET user?uid=alt')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET user?uid=alt', { as: 'root' })).status).toBe(200)
  })
})
