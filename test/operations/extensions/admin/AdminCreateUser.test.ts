import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminCreateUser', () => {
  it('makes a user with a key that works at once, and tells its secret', async () => {
    const uid = uniqueName('u')
    const { status, json, headers } = await admin(`PUT user?uid=${uid}&display-name=Alice%20A.&email=${uid}@x.org`)
    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    const [{ access_key: accessKey, secret_key: secretKey }] = json.keys
    expect([accessKey, secretKey]).toEqual([
      expect.stringMatching(/^[A-Z0-9]{20}$/),
      expect.stringMatching(/^[A-Za-z0-9]{40}$/),
    ])
    const unlimited = { enabled: false, check_on_raw: false, max_size: -1, max_size_kb: 0, max_objects: -1 }
    // All of it in Ceph's order (recorded: admin.user_info).
    expect(JSON.stringify(json)).toBe(
      JSON.stringify({
        tenant: '',
        user_id: uid,
        display_name: 'Alice A.',
        email: `${uid}@x.org`,
        suspended: 0,
        max_buckets: 1000,
        subusers: [],
        keys: [{ user: uid, access_key: accessKey, secret_key: secretKey }],
        swift_keys: [],
        caps: [],
        op_mask: 'read, write, delete',
        system: 'false',
        admin: 'false',
        default_placement: '',
        default_storage_class: '',
        placement_tags: [],
        bucket_quota: unlimited,
        user_quota: unlimited,
        temp_url_keys: [],
        type: 'rgw',
        mfa_ids: [],
      }),
    )
    const alice = { id: uid, accessKey, secretKey }
    expect((await server().request('PUT', `/${uniqueName('b')}`, { as: alice })).status).toBe(200)
    // Later answers have the key's name only.
    expect((await admin(`GET user?uid=${uid}`)).json.keys).toEqual([
      { user: uid, access_key: accessKey, secret_key: '' },
    ])
  })

  it('takes every parameter', async () => {
    const uid = uniqueName('u')
    const caps = encodeURIComponent('users=read, write;buckets=read')
    const { json } = await admin(
      `PUT user?format=json&uid=${uid}&display-name=x&tenant=acme&access-key=${uid}&secret-key=s3cret&key-type=s3` +
        `&user-caps=${caps}&max-buckets=-5&suspended=True&generate-key=False`,
    )
    expect(json).toMatchObject({
      tenant: 'acme',
      user_id: uid,
      keys: [{ user: `acme$${uid}`, access_key: uid, secret_key: 's3cret' }],
      caps: [
        { type: 'buckets', perm: 'read' },
        { type: 'users', perm: '*' },
      ],
      max_buckets: -1,
      suspended: 1,
    })
    const refused = await server().request('GET', '/', { as: { id: uid, accessKey: uid, secretKey: 's3cret' } })
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('UserSuspended')])
    expect((await admin(`GET user?uid=acme$${uid}`)).json.user_id).toBe(uid)
    expect((await admin(`GET user?uid=${uid}&tenant=acme`)).json.user_id).toBe(uid)
    expect((await admin(`GET user?uid=${uid}`)).status).toBe(404)
  })

  it('makes no key where none is wanted, and completes one that is named in part', async () => {
    const none = await admin(`PUT user?uid=${uniqueName('u')}&display-name=x&generate-key=false`)
    expect(none.json.keys).toEqual([])
    const part = await admin(`PUT user?uid=${uniqueName('u')}&display-name=x&secret-key=mine`)
    expect(part.json.keys).toEqual([
      expect.objectContaining({ access_key: expect.stringMatching(/^[A-Z0-9]{20}$/), secret_key: 'mine' }),
    ])
  })

  it('answers in XML where that is asked for', async () => {
    const uid = uniqueName('u')
    const { text, headers } = await admin(`PUT user?uid=${uid}&display-name=A%26B&format=xml&user-caps=users=*`)
    expect(headers['content-type']).toBe('application/xml')
    expect(text).toMatch(
      new RegExp(
        `^<\\?xml version="1.0" encoding="UTF-8"\\?><user_info><tenant></tenant><user_id>${uid}</user_id>` +
          '<display_name>A&amp;B</display_name><email></email><suspended>0</suspended><max_buckets>1000</max_buckets>' +
          `<subusers></subusers><keys><key><user>${uid}</user><access_key>\\w{20}</access_key>` +
          '<secret_key>\\w{40}</secret_key></key></keys><swift_keys></swift_keys>' +
          '<caps><cap><type>users</type><perm>\\*</perm></cap></caps>',
      ),
    )
  })

  it('refuses what is taken, and what is not sound', async () => {
    const uid = uniqueName('u')
    const request = `PUT user?uid=${uid}&display-name=x&email=${uid}@x.org&access-key=${uid}`
    expect((await admin(request)).status).toBe(200)
    const other = uniqueName('u')
    for (const [change, status, code] of [
      [`uid=${uid}&display-name=x`, 409, 'UserAlreadyExists'],
      ['uid=cozos&display-name=x', 409, 'UserAlreadyExists'],
      [`uid=${other}&display-name=x&email=${uid}@X.org`, 409, 'EmailExists'],
      [`uid=${other}&display-name=x&access-key=${uid}`, 409, 'KeyExists'],
      [`uid=${other}&display-name=x&access-key=cozos`, 409, 'KeyExists'],
      [`uid=${other}&display-name=x&access-key=a/b`, 400, 'InvalidAccessKey'],
      [`uid=${other}&display-name=x&secret-key=${'s'.repeat(1025)}`, 400, 'InvalidSecretKey'],
      [`uid=${other}&display-name=x&key-type=frob`, 400, 'InvalidKeyType'],
      [`uid=${other}&display-name=x&user-caps=frob=read`, 400, 'InvalidCapability'],
      [`uid=${other}&display-name=x&max-buckets=many`, 400, 'InvalidArgument'],
      [`uid=${other}&display-name=x&suspended=perhaps`, 400, 'InvalidArgument'],
      [`uid=${other}&display-name=x&tenant=a-b`, 400, 'InvalidTenantName'],
      [`uid=a$${other}&display-name=x&tenant=b`, 400, 'InvalidArgument'],
      [`uid=${other}`, 400, 'InvalidArgument'],
      ['display-name=x', 400, 'InvalidArgument'],
      [`uid=${encodeURIComponent('a/b')}&display-name=x`, 400, 'InvalidArgument'],
      [`uid=${other}&display-name=x&key-type=swift`, 501, 'NotImplemented'],
      [`uid=${other}&display-name=x&op-mask=read`, 501, 'NotImplemented'],
      [`uid=${other}&display-name=x&system=true`, 501, 'NotImplemented'],
      [`uid=${other}&display-name=x&placement-tags=ssd`, 501, 'NotImplemented'],
    ] as const) {
      const answer = await admin(`PUT user?${change}`)
      expect([answer.status, answer.json.Code], change).toEqual([status, code])
    }
    expect((await admin(`GET user?uid=${other}`)).status).toBe(404)
    expect((await admin(`PUT user?uid=${other}&display-name=x&op-mask=*&system=False`)).status).toBe(200)
  })

  it('needs users=write', async () => {
    const request = `PUT user?uid=${uniqueName('u')}&display-name=x`
    expect(await whoIsRefused(admin, request)).toEqual(['reader', 'alt', 'anonymous'])
    expect((await admin(request, { as: 'root' })).status).toBe(200)
  })
})
