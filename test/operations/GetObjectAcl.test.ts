import { describe, expect, it } from 'vitest'
import { getAcl, putAcl, shownAcl } from '../support/acl.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestServer, uniqueName, useServer } from '../support/server.ts'

const NO_VERSION = '0123456789012345678901234567890'

async function putVersion(server: TestServer, path: string, canned: string): Promise<string | undefined> {
  const answer = await server.request('PUT', path, { body: 'x', headers: { 'x-amz-acl': canned } })
  return answer.headers['x-amz-version-id'] as string | undefined
}

describe('GetObjectAcl', () => {
  const server = useServer()

  it('tells the owner and the grants of an object', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const headers = { 'x-amz-acl': 'bucket-owner-full-control' }
    await server().request('PUT', `/${Bucket}/k`, { body: 'x', headers, as: 'alt' })
    const answer = await getAcl(server(), `/${Bucket}/k`)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
    // Recorded: acl.effect.alt_put.bucket_owner_full.get_acl.
    expect(await shownAcl(server(), `/${Bucket}/k`)).toBe('alt: alt FULL_CONTROL, cozos FULL_CONTROL')
  })

  it('tells that of a version', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    const path = `/${Bucket}/k`
    const first = await putVersion(server(), path, 'public-read')
    const second = await putVersion(server(), path, 'authenticated-read')
    expect(await shownAcl(server(), path)).toBe('cozos: AuthenticatedUsers READ, cozos FULL_CONTROL')
    expect(await shownAcl(server(), path, second)).toBe('cozos: AuthenticatedUsers READ, cozos FULL_CONTROL')
    expect(await shownAcl(server(), path, first)).toBe('cozos: AllUsers READ, cozos FULL_CONTROL')
    expect(verdict(await getAcl(server(), path, { versionId: NO_VERSION }))).toBe('404 NoSuchKey')
  })

  it('finds nothing where there is no object, or a delete marker', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    const path = `/${Bucket}/k`
    expect(verdict(await getAcl(server(), path))).toBe('404 NoSuchKey')
    expect(verdict(await getAcl(server(), `/${uniqueName('none')}/k`))).toBe('404 NoSuchBucket')
    const versionId = await putVersion(server(), path, 'private')
    const { headers } = await server().request('DELETE', path)
    const marker = headers['x-amz-version-id'] as string
    expect(verdict(await getAcl(server(), path))).toBe('404 NoSuchKey')
    expect(verdict(await getAcl(server(), path, { versionId: marker }))).toBe('404 NoSuchKey')
    expect(verdict(await getAcl(server(), path, { versionId }))).toBe('200')
  })

  it('needs READ_ACP of the object, which READ is not', async () => {
    const Bucket = await createBucket(server())
    const path = `/${Bucket}/k`
    await putVersion(server(), path, 'public-read')
    expect(verdict(await server().request('GET', path, { as: 'alt' }))).toBe('200')
    expect(verdict(await getAcl(server(), path, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await getAcl(server(), path, { as: 'anonymous' }))).toBe('403 AccessDenied')
    await putAcl(server(), path, { headers: { 'x-amz-grant-read-acp': 'id=alt' } })
    expect(verdict(await getAcl(server(), path, { as: 'alt' }))).toBe('200')
    expect(verdict(await server().request('GET', path, { as: 'alt' }))).toBe('403 AccessDenied')
  })
})

describe('GetObjectAcl in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has a word for delete markers, and for missing versions', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    const path = `/${Bucket}/k`
    await server().request('PUT', path, { body: 'x' })
    expect(await shownAcl(server(), path)).toBe('cozos: cozos FULL_CONTROL')
    const { headers } = await server().request('DELETE', path)
    const versionId = headers['x-amz-version-id'] as string
    expect(verdict(await getAcl(server(), path, { versionId }))).toBe('405 MethodNotAllowed')
    expect(verdict(await getAcl(server(), path, { versionId: NO_VERSION }))).toBe('404 NoSuchVersion')
    expect(verdict(await getAcl(server(), path))).toBe('404 NoSuchKey')
  })
})
