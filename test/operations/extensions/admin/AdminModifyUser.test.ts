import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminModifyUser', () => {
  it('changes what is named and leaves the rest', async () => {
    const uid = uniqueName('u')
    const user = await makeUser(admin, uid, `&email=${uid}@x.org&user-caps=users=read`)
    const named = await admin(`POST user?uid=${uid}&display-name=New%20Name&max-buckets=-1&user-caps=users=write`)
    expect(named.json).toMatchObject({
      display_name: 'New Name',
      max_buckets: -1,
      email: `${uid}@x.org`,
      caps: [{ type: 'users', perm: '*' }],
      keys: [{ access_key: user.accessKey, secret_key: '' }],
    })
    expect((await admin(`POST user?uid=${uid}&email=${uid}@y.org`)).json.email).toBe(`${uid}@y.org`)
    expect((await admin(`POST user?uid=${uid}&email=`)).json.email).toBe('')
    expect((await admin(`GET user?uid=${uid}`)).json.display_name).toBe('New Name')
  })

  it('suspends and enables', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const status = async () => (await server().request('GET', '/', { as: user })).status
    expect(await status()).toBe(200)
    expect((await admin(`POST user?uid=${user.id}&suspended=1`)).json.suspended).toBe(1)
    expect(await status()).toBe(403)
    expect((await admin(`POST user?uid=${user.id}&suspended=false`)).json.suspended).toBe(0)
    expect(await status()).toBe(200)
  })

  it('bounds the buckets: 0 is any number, a negative one none', async () => {
    const user = await makeUser(admin, uniqueName('u'), '&max-buckets=1')
    const create = async () => (await server().request('PUT', `/${uniqueName('b')}`, { as: user })).text
    expect(await create()).toBe('')
    expect(await create()).toContain('TooManyBuckets')
    await admin(`POST user?uid=${user.id}&max-buckets=0`)
    expect(await create()).toBe('')
    await admin(`POST user?uid=${user.id}&max-buckets=-1`)
    expect(await create()).toContain('TooManyBuckets')
  })

  it('adds a key, or gives one another secret', async () => {
    const user = await makeUser(admin, uniqueName('u'))
    const generated = await admin(`POST user?uid=${user.id}&generate-key=true`)
    expect(generated.json.keys).toHaveLength(2)
    const changed = await admin(`POST user?uid=${user.id}&access-key=${user.accessKey}&secret-key=another`)
    const told = changed.json.keys.filter((key: { secret_key: string }) => key.secret_key !== '')
    expect(told).toEqual([{ user: user.id, access_key: user.accessKey, secret_key: 'another' }])
    expect((await server().request('GET', '/', { as: user })).status).toBe(403)
    expect((await server().request('GET', '/', { as: { ...user, secretKey: 'another' } })).status).toBe(200)
  })

  it('refuses what belongs to others, and whom there is not', async () => {
    const uid = uniqueName('u')
    const user = await makeUser(admin, uid, `&email=${uid}@x.org`)
    const other = await makeUser(admin, uniqueName('u'))
    for (const [change, code] of [
      [`uid=${other.id}&email=${uid}@X.org`, 'EmailExists'],
      [`uid=${other.id}&access-key=${user.accessKey}`, 'KeyExists'],
      [`uid=${other.id}&user-caps=frobs`, 'InvalidCapability'],
      [`uid=${other.id}&op-mask=read`, 'NotImplemented'],
      ['uid=nobody&display-name=x', 'NoSuchUser'],
      ['uid=cozos&display-name=x', 'NoSuchUser'],
      ['display-name=x', 'InvalidArgument'],
    ]) {
      expect((await admin(`POST user?${change}`)).json.Code, change).toBe(code)
    }
    expect((await admin(`POST user?uid=${other.id}&email=other-${uid}@x.org`)).status).toBe(200)
  })

  it('needs users=write', async () => {
    const request = `POST user?uid=${(await makeUser(admin, uniqueName('u'))).id}&suspended=1`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
