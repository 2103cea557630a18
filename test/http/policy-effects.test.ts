// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write their variables
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { exactly, policyOf as formPolicyOf, post, scopeFields, signFormV4 } from '../support/form.ts'
import { policyOf, putPolicy, statementOn, usePolicy } from '../support/policies.ts'
import { type TestRequest, type TestUser, uniqueName, useServer } from '../support/server.ts'

const ALICE: TestUser = { id: 'alice', accessKey: 'ALICEKEY', secretKey: 'alice-secret' }
const CAROL: TestUser = { id: 't$carol', accessKey: 'CAROLKEY', secretKey: 'carol-secret' }
const DAVE: TestUser = { id: 't$dave', accessKey: 'DAVEKEY', secretKey: 'dave-secret' }
const plain = (user: TestUser) => ({ keys: [{ accessKey: user.accessKey, secretKey: user.secretKey }] })

/** A proxy in front of the server: the test itself. */
const FORWARDED = 'X-Forwarded-For'

describe('what policies do', () => {
  const server = useServer({
    config: { server: { trustedProxies: ['127.0.0.1'] } },
    users: [
      { id: 'alice', ...plain(ALICE) },
      { id: 'carol', tenant: 't', ...plain(CAROL) },
      { id: 'dave', tenant: 't', ...plain(DAVE) },
    ],
  })
  const send = async (method: string, path: string, request: TestRequest): Promise<string> =>
    verdict(await server().request(method, path, request))

  /** A bucket with the object `k` and a policy. */
  async function bucketWith(...given: readonly object[]): Promise<string> {
    const bucket = await createBucket(server())
    expect(await send('PUT', `/${bucket}/k`, { body: 'x' })).toBe('200')
    await usePolicy(server(), bucket, ...given.map((one) => statementOn(bucket, one)))
    return bucket
  }

  const get = (bucket: string, headers: Record<string, string> = {}, as: TestRequest['as'] = 'anonymous') =>
    send('GET', `/${bucket}/k`, { headers, as })

  it('protect from hotlinks: aws:Referer', async () => {
    const bucket = await bucketWith({ Condition: { StringLike: { 'aws:Referer': ['http://good.example/*'] } } })
    // Recorded: policy.effect.referer_ok, policy.effect.referer_bad.
    expect(await get(bucket, { Referer: 'http://good.example/x' })).toBe('200')
    expect(await get(bucket, { Referer: 'http://evil.example/http://good.example/' })).toBe('403 AccessDenied')
    expect(await get(bucket)).toBe('403 AccessDenied')
    const denying = await bucketWith(
      {},
      { Effect: 'Deny', Condition: { StringNotLike: { 'aws:Referer': 'http://good.example/*' } } },
    )
    expect(await get(denying, { Referer: 'http://good.example/x' })).toBe('200')
    expect(await get(denying)).toBe('403 AccessDenied')
    expect(await get(denying, {}, 'root')).toBe('403 AccessDenied')
  })

  it('know the client behind a proxy: aws:SourceIp', async () => {
    const bucket = await bucketWith({ Condition: { IpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '2001:db8::/32'] } } })
    expect(await get(bucket)).toBe('403 AccessDenied')
    expect(await get(bucket, { [FORWARDED]: '192.0.2.7' })).toBe('200')
    expect(await get(bucket, { [FORWARDED]: '[2001:db8::1]:443' })).toBe('200')
    expect(await get(bucket, { [FORWARDED]: '198.51.100.1, 192.0.2.7' })).toBe('200')
    expect(await get(bucket, { [FORWARDED]: '192.0.2.7, 198.51.100.1' })).toBe('403 AccessDenied')
  })

  it('demand TLS: aws:SecureTransport', async () => {
    const bucket = await bucketWith({}, { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': false } } })
    expect(await get(bucket)).toBe('403 AccessDenied')
    expect(await get(bucket, { 'X-Forwarded-Proto': 'https' })).toBe('200')
  })

  it('confine listings: s3:prefix', async () => {
    const bucket = await bucketWith({ Principal: { AWS: 'alice' } })
    const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]
    const Condition = { StringLike: { 's3:prefix': ['', 'home/*'] }, NumericLessThanEquals: { 's3:max-keys': 10 } }
    await usePolicy(server(), bucket, statementOn(bucket, { Action: 's3:*', Resource, Condition }))
    const list = (query: Record<string, string>) => send('GET', `/${bucket}`, { query, as: 'anonymous' })
    expect(await list({ prefix: 'home/a', 'max-keys': '10' })).toBe('200')
    expect(await list({ prefix: '', 'max-keys': '1', 'list-type': '2' })).toBe('200')
    expect(await list({ prefix: 'home/a', 'max-keys': '11' })).toBe('403 AccessDenied')
    expect(await list({ prefix: 'other', 'max-keys': '1' })).toBe('403 AccessDenied')
    expect(await list({ 'max-keys': '1' })).toBe('403 AccessDenied')
    // A parameter of listings means nothing elsewhere.
    const query = { prefix: 'home/a', 'max-keys': '1' }
    expect(await send('GET', `/${bucket}/k`, { query, as: 'anonymous' })).toBe('403 AccessDenied')
  })

  it('demand an ACL: s3:x-amz-acl', async () => {
    const Action = ['s3:PutObject', 's3:PutObjectAcl']
    const Condition = { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }
    const bucket = await bucketWith({ Principal: { AWS: 'alice' }, Action, Condition })
    const put = (headers: Record<string, string>) => send('PUT', `/${bucket}/new`, { headers, body: 'x', as: ALICE })
    expect(await put({ 'x-amz-acl': 'bucket-owner-full-control' })).toBe('200')
    expect(await put({ 'x-amz-acl': 'public-read' })).toBe('403 AccessDenied')
    expect(await put({})).toBe('403 AccessDenied')
  })

  it('give each user a folder: ${aws:username}', async () => {
    const bucket = await createBucket(server())
    const Resource = `arn:aws:s3:::${bucket}/home/\${aws:username}/*`
    const Principal = { AWS: ['alice', 'arn:aws:iam:::user/alt'] }
    await usePolicy(server(), bucket, statementOn(bucket, { Principal, Action: 's3:*Object', Resource }))
    const put = (key: string, as: TestRequest['as']) => send('PUT', `/${bucket}/${key}`, { body: 'x', as })
    expect(await put('home/alice/k', ALICE)).toBe('200')
    expect(await put('home/alt/k', 'alt')).toBe('200')
    expect(await put('home/alt/k', ALICE)).toBe('403 AccessDenied')
    expect(await put('home/alicek', ALICE)).toBe('403 AccessDenied')
    expect(await put('home/anonymous/k', 'anonymous')).toBe('403 AccessDenied')
    expect(await send('DELETE', `/${bucket}/home/alice/k`, { as: 'alt' })).toBe('403 AccessDenied')
    expect(await send('DELETE', `/${bucket}/home/alice/k`, { as: ALICE })).toBe('204')
  })

  it('demand tags of what is written: s3:RequestObjectTag', async () => {
    const Action = ['s3:PutObject', 's3:PutObjectTagging']
    const Condition = {
      StringEquals: { 's3:RequestObjectTag/team': ['red', 'blue'] },
      'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team', 'note'] },
    }
    const bucket = await bucketWith({ Principal: { AWS: 'alice' }, Action, Condition })
    const put = (tagging: string) =>
      send('PUT', `/${bucket}/new`, { headers: { 'x-amz-tagging': tagging }, body: 'x', as: ALICE })
    expect(await put('team=red&note=x')).toBe('200')
    expect(await put('team=green')).toBe('403 AccessDenied')
    expect(await put('team=red&other=x')).toBe('403 AccessDenied')
    expect(await send('PUT', `/${bucket}/new`, { body: 'x', as: ALICE })).toBe('403 AccessDenied')
    const retag = (team: string, as: TestRequest['as']) => {
      const body = `<Tagging><TagSet><Tag><Key>team</Key><Value>${team}</Value></Tag></TagSet></Tagging>`
      return send('PUT', `/${bucket}/k`, { query: { tagging: undefined }, body, as })
    }
    const tags = async () => (await server().request('GET', `/${bucket}/k`, { query: { tagging: undefined } })).text
    expect(await retag('green', ALICE)).toBe('403 AccessDenied')
    expect(await tags()).not.toContain('<Value>green</Value>')
    expect(await retag('blue', ALICE)).toBe('200')
    expect(await tags()).toContain('<Value>blue</Value>')
    expect(await retag('blue', 'alt')).toBe('403 AccessDenied')
    expect(await retag('green', 'root')).toBe('200')
  })

  it('forbid tags that stand in a body', async () => {
    const Condition = { StringEquals: { 's3:RequestObjectTag/level': 'secret' } }
    const bucket = await bucketWith({ Effect: 'Deny', Action: 's3:PutObjectTagging', Condition })
    const retag = (level: string) => {
      const body = `<Tagging><TagSet><Tag><Key>level</Key><Value>${level}</Value></Tag></TagSet></Tagging>`
      return send('PUT', `/${bucket}/k`, { query: { tagging: undefined }, body })
    }
    expect(await retag('open')).toBe('200')
    expect(await retag('secret')).toBe('403 AccessDenied')
  })

  it('ask what an object bears: s3:ExistingObjectTag', async () => {
    const bucket = await bucketWith({ Condition: { StringEquals: { 's3:ExistingObjectTag/public': 'yes' } } })
    const put = (tagging: string) => send('PUT', `/${bucket}/k`, { headers: { 'x-amz-tagging': tagging }, body: 'x' })
    expect(await get(bucket)).toBe('403 AccessDenied')
    expect(await put('public=yes')).toBe('200')
    expect(await get(bucket)).toBe('200')
    expect(await put('public=no')).toBe('200')
    expect(await get(bucket)).toBe('403 AccessDenied')
  })

  it('ask what the object bears that a write replaces, whichever version its URL names', async () => {
    const write = { Action: ['s3:PutObject', 's3:AbortMultipartUpload'] }
    const Condition = { StringEquals: { 's3:ExistingObjectTag/keep': 'yes' } }
    const bucket = await bucketWith(write, { ...write, Effect: 'Deny', Condition })
    const { body } = await server().request('POST', `/${bucket}/k`, { query: { uploads: undefined } })
    const uploadId = /<UploadId>([^<]+)/.exec(body.toString())?.[1] ?? ''
    expect(await send('PUT', `/${bucket}/k`, { body: 'x', as: ALICE })).toBe('200')
    await usePolicy(server(), bucket, statementOn(bucket, write))
    expect(await send('PUT', `/${bucket}/k`, { headers: { 'x-amz-tagging': 'keep=yes' }, body: 'x' })).toBe('200')
    await usePolicy(
      server(),
      bucket,
      ...[write, { ...write, Effect: 'Deny', Condition }].map((one) => statementOn(bucket, one)),
    )
    const part = { partNumber: '1', uploadId }
    for (const versionId of [undefined, 'null', 'x'.repeat(31)]) {
      const named = versionId === undefined ? {} : { versionId }
      expect(await send('PUT', `/${bucket}/k`, { query: named, body: 'x', as: ALICE })).toBe('403 AccessDenied')
      expect(await send('PUT', `/${bucket}/k`, { query: { ...part, ...named }, body: 'x', as: ALICE })).toBe(
        '403 AccessDenied',
      )
      const uploads = { uploads: undefined, ...named }
      expect(await send('POST', `/${bucket}/k`, { query: uploads, as: ALICE })).toBe('403 AccessDenied')
      expect(await send('DELETE', `/${bucket}/k`, { query: { uploadId, ...named }, as: ALICE })).toBe(
        '403 AccessDenied',
      )
    }
  })

  it('take the tags of a copy for requested only where it says that they replace those of its source', async () => {
    const Condition = { StringEquals: { 's3:RequestObjectTag/team': 'red' } }
    const bucket = await bucketWith({}, { Action: ['s3:PutObject', 's3:PutObjectTagging'], Condition })
    const copy = (directive: Record<string, string>) => {
      const headers = { 'x-amz-copy-source': `${bucket}/k`, 'x-amz-tagging': 'team=red', ...directive }
      return send('PUT', `/${bucket}/copy`, { headers, as: ALICE })
    }
    expect(await copy({})).toBe('403 AccessDenied')
    expect(await copy({ 'x-amz-tagging-directive': 'COPY' })).toBe('403 AccessDenied')
    expect(await copy({ 'x-amz-tagging-directive': 'REPLACE' })).toBe('200')
  })

  it('ask which version is read, wherever the request names it: s3:VersionId', async () => {
    const source = await createBucket(server(), { versioning: 'Enabled' })
    const put = async () => (await server().request('PUT', `/${source}/k`, { body: 'x' })).headers['x-amz-version-id']
    const [first, second] = [String(await put()), String(await put())]
    const Condition = { StringEquals: { 's3:VersionId': first } }
    await usePolicy(server(), source, statementOn(source, { Action: 's3:*ObjectVersion', Condition }))
    const read = (versionId: string) => send('GET', `/${source}/k`, { query: { versionId }, as: ALICE })
    expect([await read(first), await read(second)]).toEqual(['200', '403 AccessDenied'])
    const open = await createBucket(server(), { acl: 'public-read-write' })
    const copy = (versionId: string, query: TestRequest['query'] = {}) =>
      send('PUT', `/${open}/copy`, {
        query,
        headers: { 'x-amz-copy-source': `${source}/k?versionId=${versionId}` },
        as: ALICE,
      })
    // What stands in the URL of a copy says nothing about its source.
    for (const query of [{}, { versionId: first }, { versionId: second }]) {
      expect([await copy(first, query), await copy(second, query)]).toEqual(['200', '403 AccessDenied'])
    }
    const body = `<Delete><Object><Key>k</Key><VersionId>${first}</VersionId></Object></Delete>`
    const deleted = await server().request('POST', `/${source}`, { query: { delete: undefined }, body, as: ALICE })
    expect(deleted.text).toContain(`<Deleted><Key>k</Key><VersionId>${first}</VersionId></Deleted>`)
  })

  it('confine copies: s3:x-amz-copy-source', async () => {
    const source = await bucketWith({ Principal: { AWS: 'alice' } })
    const Condition = { StringNotLike: { 's3:x-amz-copy-source': `${source}/k` } }
    const write = { Principal: { AWS: 'alice' }, Action: 's3:PutObject' }
    const bucket = await bucketWith(write, { ...write, Effect: 'Deny', Condition })
    await send('PUT', `/${source}/other`, { body: 'x' })
    const copy = (from: string) => send('PUT', `/${bucket}/copy`, { headers: { 'x-amz-copy-source': from }, as: ALICE })
    expect(await copy(`${source}/k`)).toBe('200')
    expect(await copy(`/${source}/%6B`)).toBe('200')
    expect(await copy(`${source}/other`)).toBe('403 AccessDenied')
    expect(await send('PUT', `/${bucket}/copy`, { body: 'x', as: ALICE })).toBe('403 AccessDenied')
  })

  it("confine copies to a bucket of the bucket's own tenant: s3:x-amz-copy-source", async () => {
    const [trusted, bucket] = [uniqueName('trusted'), uniqueName('b')]
    for (const name of [trusted, bucket]) expect(await send('PUT', `/${name}`, { as: CAROL })).toBe('200')
    expect(await send('PUT', `/${trusted}/k`, { as: CAROL, body: 'hers' })).toBe('200')
    expect(await send('PUT', `/${trusted}`, { as: ALICE })).toBe('200')
    expect(await send('PUT', `/${trusted}/k`, { as: ALICE, body: 'of the same name' })).toBe('200')
    const confined = { Action: 's3:PutObject', Condition: { StringLike: { 's3:x-amz-copy-source': `${trusted}/*` } } }
    const opened = policyOf(statementOn(bucket, confined))
    expect((await putPolicy(server(), bucket, { body: opened, as: CAROL })).status).toBe(204)
    const readable = policyOf(statementOn(trusted))
    expect((await putPolicy(server(), trusted, { body: readable, as: CAROL })).status).toBe(204)
    const copy = (from: string, as: TestUser) =>
      send('PUT', `/t:${bucket}/copy`, { headers: { 'x-amz-copy-source': from }, as })
    expect(await copy(`${trusted}/k`, DAVE)).toBe('200')
    expect(await copy(`t:${trusted}/k`, DAVE)).toBe('200')
    expect(await copy(`t:${trusted}/k`, ALICE)).toBe('200')
    // A bucket of hers, which bears the name of the one that is meant.
    expect(await copy(`${trusted}/k`, ALICE)).toBe('403 AccessDenied')
  })

  it('tell signed requests from others: s3:authType and s3:signatureversion', async () => {
    const Condition = { StringNotEquals: { 's3:signatureversion': 'AWS4-HMAC-SHA256' } }
    const bucket = await bucketWith({ Principal: { AWS: 'alice' } }, { Effect: 'Deny', Condition })
    expect(await send('GET', `/${bucket}/k`, { as: ALICE, sign: 'v4' })).toBe('200')
    expect(await send('GET', `/${bucket}/k`, { as: ALICE, sign: 'v2' })).toBe('403 AccessDenied')
  })

  it('refuse forms that were signed long ago: s3:signatureAge', async () => {
    const Condition = { NumericGreaterThan: { 's3:signatureAge': 600_000 } }
    const bucket = await bucketWith({ Effect: 'Deny', Action: 's3:PutObject', Condition })
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
    const upload = async (date: Date) => {
      const conditions = [{ bucket }, { key: 'posted' }, ...exactly(scopeFields(server().root, date))]
      const signed = signFormV4(formPolicyOf(conditions), server().root, date)
      return verdict(await post(server(), bucket, { fields: [['key', 'posted'], ...signed] }))
    }
    expect(await upload(minutesAgo(9))).toBe('204')
    expect(await upload(minutesAgo(11))).toBe('403 AccessDenied')
  })

  it('name a tenant, its users, and users of another', async () => {
    const bucket = uniqueName('tenant')
    expect(await send('PUT', `/${bucket}`, { as: CAROL })).toBe('200')
    expect(await send('PUT', `/${bucket}/k`, { body: 'x', as: CAROL })).toBe('200')
    const readers = async (name: string): Promise<string[]> => {
      const body = policyOf(statementOn(bucket, { Principal: { AWS: name } }))
      expect((await putPolicy(server(), bucket, { body, as: CAROL })).status).toBe(204)
      const users = [['carol', CAROL] as const, ['dave', DAVE] as const, ['alice', ALICE] as const]
      const found: string[] = []
      for (const [reader, as] of users) {
        if ((await send('GET', `/t:${bucket}/k`, { as })) === '200') found.push(reader)
      }
      return found
    }
    expect(await readers('arn:aws:iam::t:root')).toEqual(['carol', 'dave'])
    expect(await readers('arn:aws:iam::t:user/dave')).toEqual(['carol', 'dave'])
    expect(await readers('arn:aws:iam:::user/dave')).toEqual(['carol'])
    expect(await readers('arn:aws:iam:::user/alice')).toEqual(['carol', 'alice'])
    const foreign = policyOf(statementOn(bucket, { Resource: `arn:aws:s3::other:${bucket}/*` }))
    const own = policyOf(statementOn(bucket, { Resource: `arn:aws:s3::t:${bucket}/*` }))
    expect(verdict(await putPolicy(server(), bucket, { body: foreign, as: CAROL }))).toBe('400 MalformedPolicy')
    expect(verdict(await putPolicy(server(), bucket, { body: own, as: CAROL }))).toBe('204')
  })

  it('hold for the owner, but not for his policy', async () => {
    const bucket = await bucketWith({ Effect: 'Deny', Action: '*', Resource: '*' })
    // Recorded: policy.effect.denied_owner_get.
    expect(await get(bucket, {}, 'root')).toBe('403 AccessDenied')
    expect(await send('DELETE', `/${bucket}`, { query: { policy: undefined } })).toBe('200')
    expect(await get(bucket, {}, 'root')).toBe('200')
  })
})
