import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { lockedObject } from '../support/locks.ts'
import { usePolicy } from '../support/policies.ts'
import { useServer } from '../support/server.ts'

describe('GetObjectLegalHold', () => {
  const server = useServer()

  it('prints it as Ceph does, also one that has ended', async () => {
    const object = await lockedObject(server(), { headers: { 'x-amz-object-lock-legal-hold': 'ON' } })
    const shown = async () => (await object.answer('GET', 'legal-hold')).text
    const xml = '<?xml version="1.0" encoding="UTF-8"?>'
    expect(await shown()).toBe(`${xml}<LegalHold><Status>ON</Status></LegalHold>`)
    await object.hold('OFF')
    expect(await shown()).toBe(`${xml}<LegalHold><Status>OFF</Status></LegalHold>`)
  })

  it('finds nothing where there is nothing', async () => {
    const object = await lockedObject(server())
    expect(await object.holds()).toBe('404 ObjectLockConfigurationNotFoundError')
    expect(await object.holds({ versionId: 'v'.repeat(31) })).toBe('404 NoSuchKey')
    const plain = await createBucket(server())
    const unlocked = await server().request('GET', `/${plain}/k`, { query: { 'legal-hold': undefined } })
    expect(verdict(unlocked)).toBe('400 InvalidRequest')
    await object.hold('ON')
    expect(await object.holds()).toBe('ON')
  })

  it('is for whom may read, or a policy lets', async () => {
    const object = await lockedObject(server(), { headers: { 'x-amz-object-lock-legal-hold': 'ON' } })
    expect(await object.holds({ as: 'alt' })).toBe('403 AccessDenied')
    expect(await object.holds({ as: 'anonymous' })).toBe('403 AccessDenied')
    const Resource = `arn:aws:s3:::${object.bucket}/*`
    await usePolicy(server(), object.bucket, {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObjectLegalHold',
      Resource,
    })
    expect(await object.holds({ as: 'alt' })).toBe('ON')
  })
})

describe('GetObjectLegalHold in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s form and errors', async () => {
    const object = await lockedObject(server())
    expect(await object.holds()).toBe('404 NoSuchObjectLockConfiguration')
    await object.hold('ON')
    expect((await object.answer('GET', 'legal-hold')).text).toContain(
      '<LegalHold xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>ON</Status>',
    )
  })
})
