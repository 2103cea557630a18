import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { HOUR_MS, isoIn, lockedObject } from '../support/locks.ts'
import { usePolicy } from '../support/policies.ts'
import { useServer } from '../support/server.ts'

describe('GetObjectRetention', () => {
  const server = useServer()

  it('prints it as Ceph does, of the version that is named or the latest', async () => {
    const object = await lockedObject(server())
    const until = isoIn(HOUR_MS)
    await object.retain('COMPLIANCE', until)
    const answer = await object.answer('GET', 'retention')
    const date = until.replace('Z', '000000Z')
    expect(answer.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>' +
        `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`,
    )
    expect(answer.headers['content-type']).toBe('application/xml')
    await lockedObject(server(), { bucket: object.bucket })
    const latest = await server().request('GET', object.path, { query: { retention: undefined } })
    expect(verdict(latest)).toBe('404 ObjectLockConfigurationNotFoundError')
    expect(await object.retention()).toBe(`COMPLIANCE ${until}`)
  })

  it('finds nothing where there is nothing', async () => {
    const object = await lockedObject(server())
    expect(await object.retention()).toBe('404 ObjectLockConfigurationNotFoundError')
    expect(await object.retention({ versionId: 'v'.repeat(31) })).toBe('404 NoSuchKey')
    await server().request('DELETE', object.path)
    const hidden = await server().request('GET', object.path, { query: { retention: undefined } })
    expect(verdict(hidden)).toBe('404 NoSuchKey')
    const plain = await createBucket(server())
    await server().request('PUT', `/${plain}/k`, { body: 'x' })
    const unlocked = await server().request('GET', `/${plain}/k`, { query: { retention: undefined } })
    expect(verdict(unlocked)).toBe('400 InvalidRequest')
    expect(unlocked.text).toContain('<Message>bucket object lock not configured</Message>')
    const missing = await server().request('GET', `/${plain}/none`, { query: { retention: undefined } })
    expect(verdict(missing)).toBe('400 InvalidRequest')
    await object.retain('GOVERNANCE', isoIn(HOUR_MS))
    expect(await object.retention()).toMatch(/^GOVERNANCE/)
  })

  it('is for whom may read, or a policy lets', async () => {
    const object = await lockedObject(server())
    await object.retain('GOVERNANCE', isoIn(HOUR_MS))
    expect(await object.retention({ as: 'alt' })).toBe('403 AccessDenied')
    expect(await object.retention({ as: 'anonymous' })).toBe('403 AccessDenied')
    const Resource = `arn:aws:s3:::${object.bucket}/*`
    await usePolicy(server(), object.bucket, {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObjectRetention',
      Resource,
    })
    expect(await object.retention({ as: 'alt' })).toMatch(/^GOVERNANCE/)
  })
})

describe('GetObjectRetention in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s form and errors', async () => {
    const object = await lockedObject(server())
    expect(await object.retention()).toBe('404 NoSuchObjectLockConfiguration')
    const until = isoIn(HOUR_MS)
    await object.retain('GOVERNANCE', until)
    const { text } = await object.answer('GET', 'retention')
    expect(text).toContain('<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>GOVERNANCE</Mode>')
    expect(text).toContain(`<RetainUntilDate>${until}</RetainUntilDate>`)
    const plain = await createBucket(server())
    await server().request('PUT', `/${plain}/k`, { body: 'x' })
    const unlocked = await server().request('GET', `/${plain}/k`, { query: { retention: undefined } })
    expect(unlocked.text).toContain('<Message>Bucket is missing Object Lock Configuration</Message>')
  })
})
