import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { getLock, lockXml, putLock } from '../support/locks.ts'
import { usePolicy } from '../support/policies.ts'
import { uniqueName, useServer } from '../support/server.ts'

const XML = '<?xml version="1.0" encoding="UTF-8"?>'

describe('GetObjectLockConfiguration', () => {
  const server = useServer()

  it('tells that there is object lock, and the default retention', async () => {
    const name = await createBucket(server(), { objectLock: true })
    const enabled = '<ObjectLockEnabled>Enabled</ObjectLockEnabled>'
    expect(await getLock(server(), name)).toBe(`${XML}<ObjectLockConfiguration>${enabled}</ObjectLockConfiguration>`)
    await putLock(server(), name, { body: lockXml('<Days>1</Days>') })
    const rule = '<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>'
    expect(await getLock(server(), name)).toBe(
      `${XML}<ObjectLockConfiguration>${enabled}${rule}</ObjectLockConfiguration>`,
    )
  })

  it('finds none in a bucket without', async () => {
    expect(await getLock(server(), await createBucket(server()))).toBe('404 ObjectLockConfigurationNotFoundError')
    expect(await getLock(server(), uniqueName('none'))).toBe('404 NoSuchBucket')
    expect(await getLock(server(), await createBucket(server(), { objectLock: true }))).toContain('Enabled')
  })

  it('is for the owner, and for whom a policy lets', async () => {
    const name = await createBucket(server(), { objectLock: true, acl: 'public-read' })
    expect(await getLock(server(), name, { as: 'alt' })).toBe('403 AccessDenied')
    expect(await getLock(server(), name, { as: 'anonymous' })).toBe('403 AccessDenied')
    const Action = 's3:GetBucketObjectLockConfiguration'
    const Resource = `arn:aws:s3:::${name}`
    await usePolicy(server(), name, { Effect: 'Allow', Principal: '*', Action, Resource })
    expect(await getLock(server(), name, { as: 'alt' })).toContain('Enabled')
  })
})

describe('GetObjectLockConfiguration in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has a namespace', async () => {
    const name = await createBucket(server(), { objectLock: true })
    expect(await getLock(server(), name)).toContain(
      '<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>',
    )
  })
})
