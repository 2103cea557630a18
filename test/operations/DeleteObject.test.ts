import { createHash } from 'node:crypto'
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { type TestServer, useServer } from '../support/server.ts'

const DELETERS = 64

async function put(server: TestServer, Bucket: string, Body = 'x'): Promise<string | undefined> {
  return (await server.s3().send(new PutObjectCommand({ Bucket, Key: 'k', Body }))).VersionId
}

/** The versions of a bucket, newest first: `id` of an object, `id marker` of a delete marker. */
async function versions(server: TestServer, Bucket: string): Promise<string[]> {
  const page = await server.s3().send(new ListObjectVersionsCommand({ Bucket }))
  const objects = (page.Versions ?? []).map(({ VersionId, IsLatest }) => ({ text: VersionId!, IsLatest }))
  const markers = (page.DeleteMarkers ?? []).map(({ VersionId, IsLatest }) => ({
    text: `${VersionId} marker`,
    IsLatest,
  }))
  return [...objects, ...markers].sort((a, b) => Number(b.IsLatest) - Number(a.IsLatest)).map(({ text }) => text)
}

describe('DeleteObject', () => {
  const server = useServer()
  const remove = (bucket: string, versionId?: string, headers: Record<string, string> = {}) =>
    server().request('DELETE', `/${bucket}/k`, { headers, query: versionId === undefined ? {} : { versionId } })

  describe('without versioning', () => {
    it('removes the object; a missing one is no error', async () => {
      const bucket = await createBucket(server())
      await put(server(), bucket)
      for (const _attempt of ['there', 'gone']) {
        const answer = await remove(bucket)
        expect(answer.status).toBe(204)
        expect(answer.headers).not.toHaveProperty('x-amz-delete-marker')
        expect(answer.headers).not.toHaveProperty('x-amz-version-id')
      }
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('404 NoSuchKey')
      expect(verdict(await server().request('DELETE', `/${bucket}`))).toBe('204')
    })

    it('removes the null version by its name, and nothing for another', async () => {
      const bucket = await createBucket(server())
      await put(server(), bucket)
      expect((await remove(bucket, 'abcd')).headers['x-amz-version-id']).toBeUndefined()
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('200')
      expect((await remove(bucket, 'null')).headers['x-amz-version-id']).toBe('null')
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('404 NoSuchKey')
    })

    it('releases the bytes, which vanish when the garbage is due', async () => {
      const bucket = await createBucket(server())
      await put(server(), bucket, 'x'.repeat(100_000))
      const { metadata } = server().running.services
      const nextBefore = await metadata.read((tx) => tx.garbage.nextDeletableMs())
      await remove(bucket)
      const next = await metadata.read((tx) => tx.garbage.nextDeletableMs())
      expect(next).toBeGreaterThan(nextBefore === undefined ? Date.now() : 0)
    })
  })

  describe('with versioning', () => {
    it('hides the key behind a marker, also where there is nothing to hide', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const first = await put(server(), bucket)
      const answer = await remove(bucket)
      expect([answer.status, answer.headers['x-amz-delete-marker']]).toEqual([204, 'true'])
      const marker = answer.headers['x-amz-version-id'] as string
      expect(marker).toMatch(/^[A-Za-z0-9.-]{31}$/)
      expect(await versions(server(), bucket)).toEqual([`${marker} marker`, first])
      const empty = await createBucket(server(), { versioning: 'Enabled' })
      expect((await remove(empty)).headers['x-amz-delete-marker']).toBe('true')
      expect(await versions(server(), empty)).toHaveLength(1)
    })

    it('brings the object back when its marker is removed', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const first = await put(server(), bucket, 'first')
      const marker = (await remove(bucket)).headers['x-amz-version-id'] as string
      const answer = await remove(bucket, marker)
      expect(answer.headers).toMatchObject({ 'x-amz-version-id': marker, 'x-amz-delete-marker': 'true' })
      expect((await server().request('GET', `/${bucket}/k`)).text).toBe('first')
      expect(await versions(server(), bucket)).toEqual([first])
    })

    it('removes a version for good and makes the one before it current', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const first = (await put(server(), bucket, 'first'))!
      const second = (await put(server(), bucket, 'second'))!
      const answer = await remove(bucket, second)
      expect(answer.headers['x-amz-version-id']).toBe(second)
      expect(answer.headers['x-amz-delete-marker']).toBeUndefined()
      expect((await server().request('GET', `/${bucket}/k`)).text).toBe('first')
      const again = await remove(bucket, second)
      expect([again.status, again.headers['x-amz-version-id']]).toEqual([204, undefined])
      const unknown = await remove(bucket, 'unknown')
      expect([unknown.status, unknown.headers['x-amz-version-id']]).toEqual([204, undefined])
      expect((await remove(bucket, 'null')).headers['x-amz-version-id']).toBe('null')
      expect(await versions(server(), bucket)).toEqual([first])
    })

    it('refuses an empty version id rather than make a marker', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const first = await put(server(), bucket)
      expect(verdict(await remove(bucket, ''))).toBe('400 InvalidArgument')
      expect(await versions(server(), bucket)).toEqual([first])
      expect(verdict(await remove(bucket, first))).toBe('204')
    })
  })

  describe('with versioning suspended', () => {
    it('replaces the null version with a null marker and leaves the others', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const first = await put(server(), bucket)
      await setVersioning(server(), bucket, 'Suspended')
      await put(server(), bucket)
      expect(await versions(server(), bucket)).toEqual(['null', first])
      for (const _attempt of ['an object', 'a marker']) {
        const answer = await remove(bucket)
        expect(answer.headers).toMatchObject({ 'x-amz-version-id': 'null', 'x-amz-delete-marker': 'true' })
        expect(await versions(server(), bucket)).toEqual(['null marker', first])
      }
      expect((await remove(bucket, 'null')).headers['x-amz-delete-marker']).toBe('true')
      expect(await versions(server(), bucket)).toEqual([first])
    })

    it('makes a null marker where there is no null version', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const first = await put(server(), bucket)
      await setVersioning(server(), bucket, 'Suspended')
      await remove(bucket)
      expect(await versions(server(), bucket)).toEqual(['null marker', first])
    })
  })

  describe('with If-Match', () => {
    const tag = (body: string) => `"${createHash('md5').update(body).digest('hex')}"`

    it.each(['off', 'Enabled'] as const)('deletes what it names only (versioning %s)', async (versioning) => {
      const bucket = await createBucket(server(), versioning === 'off' ? {} : { versioning })
      await put(server(), bucket, 'a')
      expect(verdict(await remove(bucket, undefined, { 'if-match': tag('b') }))).toBe('412 PreconditionFailed')
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('200')
      expect(verdict(await remove(bucket, undefined, { 'if-match': tag('a') }))).toBe('204')
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('404 NoSuchKey')
      expect(verdict(await remove(bucket, undefined, { 'if-match': '*' }))).toBe('412 PreconditionFailed')
    })

    it('has one winner among many', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      await put(server(), bucket, 'a')
      const answers = await Promise.all(
        Array.from({ length: DELETERS }, () => remove(bucket, undefined, { 'if-match': tag('a') })),
      )
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
      expect(await versions(server(), bucket)).toHaveLength(2)
    })
  })

  describe('under object lock', () => {
    async function locked(mode: 'GOVERNANCE' | 'COMPLIANCE' | undefined, hold: 'ON' | undefined) {
      const Bucket = await createBucket(server(), { objectLock: true, user: 'alt', acl: 'public-read-write' })
      const { VersionId } = await server()
        .s3({ user: 'alt' })
        .send(
          new PutObjectCommand({
            Bucket,
            Key: 'k',
            Body: 'x',
            ObjectLockMode: mode,
            ObjectLockRetainUntilDate: mode === undefined ? undefined : new Date('2099-01-01'),
            ObjectLockLegalHoldStatus: hold,
          }),
        )
      return { Bucket, Key: 'k', VersionId }
    }

    it.each([
      ['GOVERNANCE', undefined, false, '403 AccessDenied'],
      ['GOVERNANCE', undefined, true, '204'],
      ['COMPLIANCE', undefined, true, '403 AccessDenied'],
      [undefined, 'ON', true, '403 AccessDenied'],
      [undefined, undefined, false, '204'],
    ] as const)('retention %s, legal hold %s, bypass %s: %s', async (mode, hold, bypass, expected) => {
      const { Bucket, VersionId } = await locked(mode, hold)
      const headers: Record<string, string> = bypass ? { 'x-amz-bypass-governance-retention': 'true' } : {}
      const answer = await server().request('DELETE', `/${Bucket}/k`, {
        as: 'alt',
        headers,
        query: { versionId: VersionId },
      })
      expect(verdict(answer)).toBe(expected)
      if (expected !== '204') expect(answer.text).toContain('<Message>forbidden by object lock</Message>')
      const left = await server().request('GET', `/${Bucket}/k`, { as: 'alt', query: { versionId: VersionId } })
      expect(left.status).toBe(expected === '204' ? 404 : 200)
    })

    it('a marker may stand before a locked version', async () => {
      const at = await locked('COMPLIANCE', 'ON')
      const answer = await server()
        .s3({ user: 'alt' })
        .send(new DeleteObjectCommand({ Bucket: at.Bucket, Key: 'k' }))
      expect(answer.DeleteMarker).toBe(true)
      const left = await server().request('GET', `/${at.Bucket}/k`, { as: 'alt', query: { versionId: at.VersionId } })
      expect(left.status).toBe(200)
    })

    it('only the owner of the bucket may ask for the bypass', async () => {
      const { Bucket, VersionId } = await locked('GOVERNANCE', undefined)
      const attempt = (as: 'alt' | 'anonymous') =>
        server().request('DELETE', `/${Bucket}/k`, {
          as,
          headers: { 'x-amz-bypass-governance-retention': 'true' },
          query: { versionId: VersionId },
        })
      expect(verdict(await attempt('anonymous'))).toBe('403 AccessDenied')
      expect(verdict(await attempt('alt'))).toBe('204')
    })
  })

  it('is for those who may write the bucket', async () => {
    const closed = await createBucket(server())
    const open = await createBucket(server(), { acl: 'public-read-write' })
    for (const as of ['alt', 'anonymous'] as const) {
      await put(server(), closed)
      await put(server(), open)
      expect(verdict(await server().request('DELETE', `/${closed}/k`, { as }))).toBe('403 AccessDenied')
      expect(verdict(await server().request('GET', `/${closed}/k`))).toBe('200')
      expect(verdict(await server().request('DELETE', `/${open}/k`, { as }))).toBe('204')
    }
    expect(verdict(await server().request('DELETE', '/no-such-bucket-at-all/k'))).toBe('404 NoSuchBucket')
  })

  it.each(['x-amz-mfa', 'x-amz-if-match-size'])('refuses %s', async (header) => {
    const bucket = await createBucket(server())
    await put(server(), bucket)
    expect(verdict(await remove(bucket, undefined, { [header]: '1' }))).toBe('501 NotImplemented')
    expect(verdict(await remove(bucket))).toBe('204')
  })
})
