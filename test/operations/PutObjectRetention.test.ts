import { PutObjectRetentionCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { setClock } from '../support/control.ts'
import { BYPASS, DAY_MS, HOUR_MS, isoIn, lockedObject, retentionXml } from '../support/locks.ts'
import { usePolicy } from '../support/policies.ts'
import { useServer } from '../support/server.ts'

const EMPTY = '<Retention/>'

describe('PutObjectRetention', () => {
  const server = useServer()

  it('retains a version until its date, and that version alone', async () => {
    const object = await lockedObject(server())
    const other = await lockedObject(server(), { bucket: object.bucket })
    const until = isoIn(HOUR_MS)
    expect(await object.retain('GOVERNANCE', until)).toBe('200')
    await server().restart()
    expect(await object.retention()).toBe(`GOVERNANCE ${until}`)
    expect(await object.remove()).toBe('403 AccessDenied')
    expect(await other.remove()).toBe('204')
    const head = await server().request('HEAD', object.path)
    expect(head.headers['x-amz-object-lock-mode']).toBe('GOVERNANCE')
    expect(head.headers['x-amz-object-lock-retain-until-date']).toBe(until.replace('Z', '000000Z'))
  })

  it('means the latest version where it names none, and lets a delete marker hide it', async () => {
    const older = await lockedObject(server())
    const latest = await lockedObject(server(), { bucket: older.bucket })
    const query = { retention: undefined }
    const body = retentionXml('COMPLIANCE', isoIn(HOUR_MS))
    expect(verdict(await server().request('PUT', latest.path, { query, body }))).toBe('200')
    expect(await latest.retention()).toMatch(/^COMPLIANCE/)
    expect(await older.retention()).toBe('404 ObjectLockConfigurationNotFoundError')
    expect(verdict(await server().request('DELETE', latest.path))).toBe('204')
    expect(verdict(await server().request('PUT', latest.path, { query, body }))).toBe('404 NoSuchKey')
    expect(await latest.status()).toBe(200)
    expect(await latest.remove({ headers: BYPASS })).toBe('403 AccessDenied')
  })

  const [soon, later] = [isoIn(DAY_MS), isoIn(2 * DAY_MS)]
  it.each([
    ['nothing', '', 'GOVERNANCE', soon, '200', '200'],
    ['longer governance', 'GOVERNANCE', 'GOVERNANCE', later, '200', '200'],
    ['shorter governance', 'GOVERNANCE', 'GOVERNANCE', isoIn(HOUR_MS), '403 AccessDenied', '200'],
    ['no governance', 'GOVERNANCE', '', '', '403 AccessDenied', '200'],
    ['governance as compliance', 'GOVERNANCE', 'COMPLIANCE', later, '403 AccessDenied', '200'],
    ['longer compliance', 'COMPLIANCE', 'COMPLIANCE', later, '200', '200'],
    ['shorter compliance', 'COMPLIANCE', 'COMPLIANCE', isoIn(HOUR_MS), '403 AccessDenied', '403 AccessDenied'],
    ['no compliance', 'COMPLIANCE', '', '', '403 AccessDenied', '403 AccessDenied'],
    ['compliance as governance', 'COMPLIANCE', 'GOVERNANCE', later, '403 AccessDenied', '403 AccessDenied'],
  ])('%s: only grows, but for a lawful bypass of governance', async (_case, before, mode, until, plain, bypassed) => {
    for (const [headers, expected] of [
      [{}, plain],
      [BYPASS, bypassed],
    ] as const) {
      const object = await lockedObject(server())
      if (before !== '') expect(await object.retain(before, soon)).toBe('200')
      const was = await object.retention()
      const body = mode === '' ? EMPTY : retentionXml(mode, until)
      expect(verdict(await object.answer('PUT', 'retention', { body, headers }))).toBe(expected)
      const gone = '404 ObjectLockConfigurationNotFoundError'
      expect(await object.retention()).toBe(expected === '200' ? (mode === '' ? gone : `${mode} ${until}`) : was)
    }
  })

  it('ends exactly when the clock says, in either mode', async () => {
    for (const mode of ['GOVERNANCE', 'COMPLIANCE']) {
      await setClock(server(), { freeze: '2030-01-01T00:00:00Z' })
      const object = await lockedObject(server())
      expect(await object.retain(mode, '2030-01-31T00:00:00Z')).toBe('200')
      await setClock(server(), { freeze: '2030-01-30T23:59:59.999Z' })
      expect(await object.remove()).toBe('403 AccessDenied')
      await setClock(server(), { freeze: '2030-01-31T00:00:00Z' })
      // What has ended can become anything again, and until then the version still bears it.
      expect(await object.retention()).toBe(`${mode} 2030-01-31T00:00:00.000Z`)
      expect(await object.retain('GOVERNANCE', '2030-02-01T00:00:00Z')).toBe('200')
      expect(await object.remove()).toBe('403 AccessDenied')
      await setClock(server(), { advance: 'P1D', wait: true })
      expect(await object.remove()).toBe('204')
      await setClock(server(), { reset: true })
    }
  })

  it('asks for a date that lies ahead', async () => {
    await setClock(server(), { freeze: '2030-01-01T00:00:00Z' })
    const object = await lockedObject(server())
    expect(await object.retain('GOVERNANCE', '2030-01-01T00:00:00Z')).toBe('400 InvalidArgument')
    expect(await object.retain('GOVERNANCE', '2029-12-31T00:00:00Z', { headers: BYPASS })).toBe('400 InvalidArgument')
    expect(await object.retain('GOVERNANCE', '2030-01-01T00:00:00.001Z')).toBe('200')
    await setClock(server(), { reset: true })
  })

  it.each([
    '',
    '<Reten',
    retentionXml('governance', soon),
    retentionXml('GOVERNANCE', 'tomorrow'),
    retentionXml('GOVERNANCE', soon).replace('</Retention>', '<Mode>COMPLIANCE</Mode></Retention>'),
    '<Retention><Mode>GOVERNANCE</Mode></Retention>',
    `<Retention><RetainUntilDate>${soon}</RetainUntilDate></Retention>`,
    '<Retention>GOVERNANCE</Retention>',
  ])('refuses %j and keeps what was there', async (body) => {
    const object = await lockedObject(server())
    expect(await object.retain('GOVERNANCE', soon)).toBe('200')
    expect(verdict(await object.answer('PUT', 'retention', { body, headers: BYPASS }))).toBe('400 MalformedXML')
    expect(await object.retention()).toBe(`GOVERNANCE ${soon}`)
    expect(await object.retain('GOVERNANCE', later)).toBe('200')
  })

  it('finds no version that is not there, no marker, and no lock in a bucket without', async () => {
    const object = await lockedObject(server())
    expect(await object.retain('GOVERNANCE', soon, { versionId: 'v'.repeat(31) })).toBe('404 NoSuchKey')
    const { headers } = await server().request('DELETE', object.path)
    const versionId = String(headers['x-amz-version-id'])
    expect(await object.retain('GOVERNANCE', soon, { versionId })).toBe('404 NoSuchKey')
    expect(await object.retain('GOVERNANCE', soon)).toBe('200')
    const plain = await createBucket(server(), { versioning: 'Enabled' })
    await server().request('PUT', `/${plain}/k`, { body: 'x' })
    const query = { retention: undefined }
    const body = retentionXml('GOVERNANCE', soon)
    expect(verdict(await server().request('PUT', `/${plain}/k`, { query, body }))).toBe('400 InvalidRequest')
  })

  it('is the bucket owner’s to permit, and the bypass beside it', async () => {
    const object = await lockedObject(server(), { headers: { 'x-amz-acl': 'public-read-write' } })
    const as = 'alt'
    expect(await object.retain('GOVERNANCE', soon, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await object.retain('GOVERNANCE', soon, { as })).toBe('403 AccessDenied')
    const Resource = `arn:aws:s3:::${object.bucket}/*`
    const allow = (...Action: string[]) => ({ Effect: 'Allow', Principal: '*', Action, Resource })
    await usePolicy(server(), object.bucket, allow('s3:PutObjectRetention'))
    expect(await object.retain('GOVERNANCE', soon, { as })).toBe('200')
    expect(await object.retain('GOVERNANCE', isoIn(HOUR_MS), { as, headers: BYPASS })).toBe('403 AccessDenied')
    await usePolicy(server(), object.bucket, allow('s3:PutObjectRetention', 's3:BypassGovernanceRetention'))
    expect(await object.retain('GOVERNANCE', isoIn(HOUR_MS), { as })).toBe('403 AccessDenied')
    expect(await object.retain('GOVERNANCE', isoIn(HOUR_MS), { as, headers: BYPASS })).toBe('200')
  })

  it('asks the policy about what the body says, whatever its headers say', async () => {
    const object = await lockedObject(server())
    const Resource = `arn:aws:s3:::${object.bucket}/*`
    const every = { Principal: '*', Action: 's3:PutObjectRetention', Resource }
    const Condition = { NumericGreaterThan: { 's3:object-lock-remaining-retention-days': '10' } }
    const mode = { StringNotEquals: { 's3:object-lock-mode': 'GOVERNANCE' } }
    await usePolicy(
      server(),
      object.bucket,
      { ...every, Effect: 'Allow' },
      { ...every, Effect: 'Deny', Condition },
      { ...every, Effect: 'Deny', Condition: mode },
    )
    const headers = {
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': isoIn(HOUR_MS),
    }
    const as = 'alt'
    expect(await object.retain('GOVERNANCE', isoIn(11 * DAY_MS), { as, headers })).toBe('403 AccessDenied')
    expect(await object.retain('COMPLIANCE', isoIn(9 * DAY_MS), { as, headers })).toBe('403 AccessDenied')
    expect(await object.retention()).toBe('404 ObjectLockConfigurationNotFoundError')
    expect(await object.retain('GOVERNANCE', isoIn(9 * DAY_MS), { as })).toBe('200')
  })
})

describe('PutObjectRetention in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors, and speaks to its SDK', async () => {
    const Bucket = await createBucket(server(), { objectLock: true })
    const object = await lockedObject(server(), { bucket: Bucket })
    const marker = String((await server().request('DELETE', object.path)).headers['x-amz-version-id'])
    expect(await object.retain('GOVERNANCE', isoIn(HOUR_MS), { versionId: marker })).toBe('405 MethodNotAllowed')
    const RetainUntilDate = new Date(isoIn(DAY_MS))
    const Retention = { Mode: 'GOVERNANCE', RetainUntilDate } as const
    const named = { Bucket, Key: object.key, VersionId: object.versionId }
    await server()
      .s3()
      .send(new PutObjectRetentionCommand({ ...named, Retention }))
    expect(await object.retention()).toMatch(/^GOVERNANCE /)
    await server()
      .s3()
      .send(new PutObjectRetentionCommand({ ...named, Retention: {}, BypassGovernanceRetention: true }))
    expect(await object.retention()).toBe('404 NoSuchObjectLockConfiguration')
  })
})
