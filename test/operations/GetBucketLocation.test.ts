import { GetBucketLocationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

describe('GetBucketLocation', () => {
  const server = useServer()
  const locate = (name: string, request: TestRequest = {}) =>
    server().request('GET', `/${name}`, { query: { location: undefined }, ...request })

  it('names the zonegroup', async () => {
    const Bucket = await createBucket(server())
    expect((await server().s3().send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('default')
    expect((await locate(Bucket)).text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><LocationConstraint xmlns="${NAMESPACE}">default</LocationConstraint>`,
    )
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    expect(verdict(await locate(Bucket))).toBe('200')
    expect(verdict(await locate(Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await locate(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await locate(uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})

const LOCATIONS: readonly (readonly [DialectName, string, string | undefined, string])[] = [
  ['aws', 'eu-west-1', undefined, 'eu-west-1'],
  ['aws', 'us-east-1', undefined, ''],
  ['ibm-cos', 'us-south', undefined, 'us-south-standard'],
  ['ibm-cos', 'us-south', 'eu-de-vault', 'eu-de-vault'],
]

describe.each(LOCATIONS)('GetBucketLocation in %s, region %s, created with %s', (dialect, region, given, shown) => {
  const server = useServer({ config: { dialect, region } })

  it(`says ${shown || 'nothing'}`, async () => {
    const name = uniqueName('loc')
    const body =
      given === undefined
        ? undefined
        : `<CreateBucketConfiguration><LocationConstraint>${given}</LocationConstraint></CreateBucketConfiguration>`
    expect(verdict(await server().request('PUT', `/${name}`, { body }))).toBe('200')
    const { text } = await server().request('GET', `/${name}`, { query: { location: undefined } })
    expect(text).toContain(`>${shown}</LocationConstraint>`)
  })
})
