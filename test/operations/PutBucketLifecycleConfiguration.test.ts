import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const RULE =
  '<Rule><ID>r</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>' +
  '<Expiration><Days>365</Days></Expiration></Rule>'
const rules = (inside: string): string => `<LifecycleConfiguration>${inside}</LifecycleConfiguration>`
const query = { lifecycle: undefined }

async function put(server: TestServer, name: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, { query, ...request }))
}

async function rulesOf(server: TestServer, name: string): Promise<string> {
  return (await server.request('GET', `/${name}`, { query })).text
}

describe('PutBucketLifecycleConfiguration', () => {
  const server = useServer()

  it('keeps the manual’s example, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    const Rules: LifecycleRule[] = [
      {
        Expiration: { Days: 365 },
        ID: 'Lifecycle Test',
        Status: 'Enabled',
        Filter: { And: { Prefix: 'test', Tags: [{ Key: 'tag-1', Value: 'val-1' }] } },
      },
    ]
    await server()
      .s3()
      .send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    await server().restart()
    const read = await server().s3().send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(read.Rules).toEqual(Rules)
    expect(read.TransitionDefaultMinimumObjectSize).toBeUndefined()
  })

  it('answers with a type and no body, and replaces what was there', async () => {
    const name = await createBucket(server())
    const answer = await server().request('PUT', `/${name}`, { query, body: rules(RULE) })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
    expect(await put(server(), name, { body: rules(RULE.replace('365', '7')) })).toBe('200')
    expect(await rulesOf(server(), name)).toContain('<Days>7</Days>')
    expect(await rulesOf(server(), name)).not.toContain('<Days>365</Days>')
  })

  it('makes the ids that are missing, each another', async () => {
    const name = await createBucket(server())
    const nameless = RULE.replace('<ID>r</ID>', '')
    expect(await put(server(), name, { body: rules(nameless + nameless) })).toBe('200')
    const ids = [...(await rulesOf(server(), name)).matchAll(/<ID>([a-z0-9]{48})<\/ID>/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(2)
    expect(await rulesOf(server(), name)).toContain(`<ID>${ids[0]}</ID>`)
  })

  it.each([
    ['', '400 MalformedXML'],
    ['<LifecycleConf', '400 MalformedXML'],
    [rules(''), '400 MalformedXML'],
    [rules(RULE.replace('365', '0')), '400 InvalidArgument'],
    [rules(RULE + RULE), '400 InvalidArgument'],
    [rules(RULE.replace('Enabled', 'enabled')), '400 MalformedXML'],
    [rules(`${RULE}<!--${' '.repeat(1024 * 1024)}-->`), '400 MaxMessageLengthExceeded'],
  ])('refuses %.60s and changes nothing', async (body, expected) => {
    const name = await createBucket(server())
    expect(await put(server(), name, { body: rules(RULE) })).toBe('200')
    const before = await rulesOf(server(), name)
    expect(await put(server(), name, { body })).toBe(expected)
    expect(await rulesOf(server(), name)).toBe(before)
  })

  it('takes as many rules as there can be', async () => {
    const name = await createBucket(server())
    const many = Array.from({ length: 1000 }, (_, n) => RULE.replace('<ID>r', `<ID>${n}`).replace('logs', `logs-${n}`))
    expect(await put(server(), name, { body: rules(many.join('')) })).toBe('200')
    expect(await put(server(), name, { body: rules(many.join('') + RULE) })).toBe('400 MalformedXML')
    expect((await rulesOf(server(), name)).match(/<Rule>/g)).toHaveLength(1000)
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    expect(await put(server(), name, { body: rules(RULE), as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), name, { body: rules(RULE), as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body: rules(RULE) })).toBe('404 NoSuchBucket')
    expect(await put(server(), name, { body: rules(RULE) })).toBe('200')
  })

  it('is held against its digest', async () => {
    const name = await createBucket(server())
    const headers = { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }
    expect(await put(server(), name, { body: rules(RULE), headers })).toBe('400 BadDigest')
    expect(await put(server(), name, { body: rules(RULE) })).toBe('200')
  })

  it('keeps a word about small objects where there is one', async () => {
    const name = await createBucket(server())
    const header = 'x-amz-transition-default-minimum-object-size'
    const ask = (value: string) =>
      server().request('PUT', `/${name}`, { query, body: rules(RULE), headers: { [header]: value } })
    expect((await ask('varies_by_storage_class')).headers[header]).toBe('varies_by_storage_class')
    const { headers } = await server().request('GET', `/${name}`, { query })
    expect(headers[header]).toBe('varies_by_storage_class')
    const refused = await ask('none')
    expect(verdict(refused)).toBe('400 InvalidRequest')
    expect(refused.text).toContain('Invalid TransitionDefaultMinimumObjectSize found: none')
  })
})

describe('PutBucketLifecycleConfiguration in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors, ids and default', async () => {
    const Bucket = await createBucket(server())
    const early = RULE.replace(
      '<Exp',
      '<Transition><Days>7</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Exp',
    )
    const answer = await server().request('PUT', `/${Bucket}`, { query, body: rules(early) })
    expect(verdict(answer)).toBe('400 InvalidArgument')
    expect(answer.text).toContain('must be greater than or equal to 30 for storageClass ')
    const Rules: LifecycleRule[] = [{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } }]
    const stored = await server()
      .s3()
      .send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    expect(stored.TransitionDefaultMinimumObjectSize).toBe('all_storage_classes_128K')
    const read = await server().s3().send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(read.TransitionDefaultMinimumObjectSize).toBe('all_storage_classes_128K')
    expect(read.Rules).toEqual([{ ...Rules[0], ID: expect.stringMatching(/^[A-Za-z0-9]{48}$/) }])
  })
})
