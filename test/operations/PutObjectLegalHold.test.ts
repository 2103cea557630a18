import { GetObjectLegalHoldCommand, PutObjectLegalHoldCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { setClock } from '../support/control.ts'
import { BYPASS, HOUR_MS, holdXml, isoIn, lockedObject } from '../support/locks.ts'
import { usePolicy } from '../support/policies.ts'
import { useServer } from '../support/server.ts'

describe('PutObjectLegalHold', () => {
  const server = useServer()

  it('holds a version until it is taken away, however long that takes', async () => {
    const object = await lockedObject(server())
    expect(await object.hold('ON')).toBe('200')
    await server().restart()
    expect(await object.holds()).toBe('ON')
    await setClock(server(), { advance: 'P100Y', wait: true })
    expect(await object.remove({ headers: BYPASS })).toBe('403 AccessDenied')
    await setClock(server(), { reset: true })
    expect((await server().request('HEAD', object.path)).headers['x-amz-object-lock-legal-hold']).toBe('ON')
    expect(await object.hold('OFF')).toBe('200')
    expect(await object.holds()).toBe('OFF')
    expect(await object.remove()).toBe('204')
  })

  it('is independent of retention', async () => {
    const object = await lockedObject(server())
    const until = isoIn(HOUR_MS)
    await object.retain('GOVERNANCE', until)
    expect(await object.hold('ON')).toBe('200')
    expect(await object.retention()).toBe(`GOVERNANCE ${until}`)
    expect(await object.remove({ headers: BYPASS })).toBe('403 AccessDenied')
    expect(await object.hold('OFF')).toBe('200')
    expect(await object.remove()).toBe('403 AccessDenied')
    expect(await object.remove({ headers: BYPASS })).toBe('204')
  })

  it('is of one version: others come and go', async () => {
    const older = await lockedObject(server())
    const latest = await lockedObject(server(), { bucket: older.bucket })
    const query = { 'legal-hold': undefined }
    expect(verdict(await server().request('PUT', latest.path, { query, body: holdXml('ON') }))).toBe('200')
    expect([await latest.holds(), await older.holds()]).toEqual(['ON', '404 ObjectLockConfigurationNotFoundError'])
    expect(await older.remove()).toBe('204')
    expect((await server().request('PUT', latest.path, { body: 'over it' })).status).toBe(200)
    expect(await latest.remove()).toBe('403 AccessDenied')
  })

  it.each([
    '',
    '<Legal',
    holdXml('abc'),
    holdXml('on'),
    '<LegalHold/>',
    holdXml('ON').replace('</LegalHold>', '<A/></LegalHold>'),
  ])('refuses %j and keeps what was there', async (body) => {
    const object = await lockedObject(server())
    await object.hold('ON')
    expect(verdict(await object.answer('PUT', 'legal-hold', { body }))).toBe('400 MalformedXML')
    expect(await object.holds()).toBe('ON')
    expect(await object.hold('OFF')).toBe('200')
  })

  it('finds no version that is not there, no marker, and no lock in a bucket without', async () => {
    const object = await lockedObject(server())
    expect(await object.hold('ON', { versionId: 'v'.repeat(31) })).toBe('404 NoSuchKey')
    const marker = String((await server().request('DELETE', object.path)).headers['x-amz-version-id'])
    expect(await object.hold('ON', { versionId: marker })).toBe('404 NoSuchKey')
    expect(await object.hold('ON')).toBe('200')
    const plain = await createBucket(server(), { versioning: 'Enabled' })
    await server().request('PUT', `/${plain}/k`, { body: 'x' })
    const answer = await server().request('PUT', `/${plain}/k`, {
      query: { 'legal-hold': undefined },
      body: holdXml('ON'),
    })
    expect(verdict(answer)).toBe('400 InvalidRequest')
  })

  it('is the bucket owner’s to permit, who may ask what the body says', async () => {
    const object = await lockedObject(server(), { headers: { 'x-amz-acl': 'public-read-write' } })
    const as = 'alt'
    expect(await object.hold('ON', { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await object.hold('ON', { as })).toBe('403 AccessDenied')
    const Condition = { StringEquals: { 's3:object-lock-legal-hold': 'ON' } }
    const every = { Effect: 'Allow', Principal: '*', Action: 's3:PutObjectLegalHold' }
    await usePolicy(server(), object.bucket, { ...every, Resource: `arn:aws:s3:::${object.bucket}/*`, Condition })
    expect(await object.hold('ON', { as })).toBe('200')
    const headers = { 'x-amz-object-lock-legal-hold': 'ON' }
    expect(await object.hold('OFF', { as, headers })).toBe('403 AccessDenied')
    expect(await object.holds()).toBe('ON')
  })
})

describe('PutObjectLegalHold in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('speaks to AWS’s SDK', async () => {
    const { bucket: Bucket, key: Key } = await lockedObject(server())
    const s3 = server().s3()
    await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status: 'ON' } }))
    const read = await s3.send(new GetObjectLegalHoldCommand({ Bucket, Key }))
    expect(read.LegalHold).toEqual({ Status: 'ON' })
  })
})
