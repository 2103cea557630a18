import { GetObjectLockConfigurationCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning } from '../support/buckets.ts'
import { getLock, lockedObject, lockXml, putLock } from '../support/locks.ts'
import { uniqueName, useServer } from '../support/server.ts'

const NO_RULE = '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>'

describe('PutObjectLockConfiguration', () => {
  const server = useServer()

  it('keeps a default retention, replaces it, takes it away, and survives a restart', async () => {
    const name = await createBucket(server(), { objectLock: true })
    expect(await putLock(server(), name, { body: lockXml('<Days>1</Days>') })).toBe('200')
    await server().restart()
    expect(await getLock(server(), name)).toContain('<Mode>GOVERNANCE</Mode><Days>1</Days>')
    expect(await putLock(server(), name, { body: lockXml('<Years>2</Years>', 'COMPLIANCE') })).toBe('200')
    expect(await getLock(server(), name)).toContain('<Mode>COMPLIANCE</Mode><Years>2</Years>')
    expect(await putLock(server(), name, { body: NO_RULE })).toBe('200')
    expect(await getLock(server(), name)).not.toContain('Rule')
  })

  it('enables object lock in a bucket that keeps versions, and in no other', async () => {
    const name = await createBucket(server())
    const body = lockXml('<Days>1</Days>')
    expect(await putLock(server(), name, { body })).toBe('409 InvalidBucketState')
    await setVersioning(server(), name, 'Enabled')
    await setVersioning(server(), name, 'Suspended')
    expect(await putLock(server(), name, { body })).toBe('409 InvalidBucketState')
    expect(await getLock(server(), name)).toBe('404 ObjectLockConfigurationNotFoundError')
    await setVersioning(server(), name, 'Enabled')
    const headers = { 'x-amz-bucket-object-lock-token': 'of no use any more' }
    expect(await putLock(server(), name, { body, headers })).toBe('200')
    await expect(setVersioning(server(), name, 'Suspended')).rejects.toThrow('versioning cannot be disabled')
    await server().restart()
    const object = await lockedObject(server(), { bucket: name })
    expect(await object.retention()).toMatch(/^GOVERNANCE /)
  })

  it('leaves versions alone that are there', async () => {
    const object = await lockedObject(server())
    expect(await putLock(server(), object.bucket, { body: lockXml('<Days>1</Days>') })).toBe('200')
    expect(await object.retention()).toBe('404 ObjectLockConfigurationNotFoundError')
    const next = await lockedObject(server(), { bucket: object.bucket })
    expect(await next.retention()).toMatch(/^GOVERNANCE /)
    expect(await putLock(server(), object.bucket, { body: NO_RULE })).toBe('200')
    expect(await next.retention()).toMatch(/^GOVERNANCE /)
  })

  it.each([
    ['', '400 MalformedXML'],
    ['<ObjectLock', '400 MalformedXML'],
    ['<ObjectLockConfiguration/>', '400 MalformedXML'],
    [NO_RULE.replace('>Enabled<', '>Disabled<'), '400 MalformedXML'],
    [lockXml('<Days>1</Days><Years>1</Years>'), '400 MalformedXML'],
    [lockXml(''), '400 MalformedXML'],
    [lockXml('<Days>1</Days>', 'MAYBE'), '400 MalformedXML'],
    [lockXml('<Days>1</Days>', 'governance'), '400 MalformedXML'],
    [lockXml('<Days>many</Days>'), '400 MalformedXML'],
    [lockXml('<Days>1.5</Days>'), '400 MalformedXML'],
    [lockXml('<Days>1</Days><Days>2</Days>'), '400 MalformedXML'],
    [lockXml('<Days>1</Days><Hours>1</Hours>'), '400 MalformedXML'],
    [lockXml('<Days>0</Days>'), '400 InvalidRetentionPeriod'],
    [lockXml('<Years>-1</Years>'), '400 InvalidRetentionPeriod'],
    [lockXml('<Days>36501</Days>'), '400 InvalidRetentionPeriod'],
    [lockXml('<Years>101</Years>'), '400 InvalidRetentionPeriod'],
    [lockXml(`<Days>1</Days><!--${' '.repeat(16 * 1024)}-->`), '400 MaxMessageLengthExceeded'],
  ])('refuses %j and keeps what was there', async (body, expected) => {
    const name = await createBucket(server(), { objectLock: true })
    expect(await putLock(server(), name, { body: lockXml('<Days>36500</Days>') })).toBe('200')
    expect(await putLock(server(), name, { body })).toBe(expected)
    expect(await getLock(server(), name)).toContain('<Days>36500</Days>')
    expect(await putLock(server(), name, { body: lockXml('<Years>100</Years>') })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server(), { objectLock: true, acl: 'public-read-write' })
    const body = lockXml('<Days>1</Days>')
    expect(await putLock(server(), name, { body, as: 'alt' })).toBe('403 AccessDenied')
    expect(await putLock(server(), name, { body, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await putLock(server(), uniqueName('none'), { body })).toBe('404 NoSuchBucket')
    expect(await putLock(server(), name, { body })).toBe('200')
  })
})

describe('PutObjectLockConfiguration in the dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('enables nothing later', async () => {
    const name = await createBucket(server(), { versioning: 'Enabled' })
    expect(await putLock(server(), name, { body: NO_RULE })).toBe('409 InvalidBucketState')
    const locked = await createBucket(server(), { objectLock: true })
    expect(await putLock(server(), locked, { body: NO_RULE })).toBe('200')
  })
})

describe('PutObjectLockConfiguration in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors, and speaks to its SDK', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    expect(await putLock(server(), Bucket, { body: lockXml('<Days>0</Days>') })).toBe('400 InvalidArgument')
    const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 } as const
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const
    const s3 = server().s3()
    await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
    const read = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }))
    expect(read.ObjectLockConfiguration).toEqual(ObjectLockConfiguration)
  })
})
