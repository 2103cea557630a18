import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

/** An unversioned `k1`, then two versions of `k1`, a deleted `k2` and `d/k3`. */
async function filled(server: TestServer): Promise<{ Bucket: string; ids: Readonly<Record<string, string>> }> {
  const Bucket = await createBucket(server)
  const s3 = server.s3()
  const put = async (Key: string) =>
    (await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))).VersionId ?? 'null'
  const before = await put('k1')
  await setVersioning(server, Bucket, 'Enabled')
  const ids = { before, newer: await put('k1'), old: await put('k2'), nested: await put('d/k3') }
  const { VersionId: marker = '' } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k2' }))
  return { Bucket, ids: { ...ids, marker } }
}

function shown(text: string): string[] {
  return [...text.matchAll(/<(Version|DeleteMarker)>.*?<\/\1>/g)].map(([block, kind]) => {
    const value = (tag: string) => new RegExp(`<${tag}>(.*?)<`).exec(block)?.[1]
    return `${kind} ${value('Key')} ${value('VersionId')} ${value('IsLatest')}`
  })
}

describe('ListObjectVersions', () => {
  const server = useServer()
  const list = (name: string, { query, ...rest }: TestRequest = {}) =>
    server().request('GET', `/${name}`, { query: { versions: undefined, ...query }, ...rest })

  it('lists versions and delete markers in one order', async () => {
    const { Bucket, ids } = await filled(server())
    const entries = [
      `Version d/k3 ${ids['nested']} true`,
      `Version k1 ${ids['newer']} true`,
      'Version k1 null false',
      `DeleteMarker k2 ${ids['marker']} true`,
      `Version k2 ${ids['old']} false`,
    ]
    expect(shown((await list(Bucket)).text)).toEqual(entries)
    expect(shown((await list(Bucket, { query: { prefix: 'k2' } })).text)).toEqual(entries.slice(3))
    const { Versions, DeleteMarkers } = await server().s3().send(new ListObjectVersionsCommand({ Bucket }))
    expect(Versions).toHaveLength(4)
    expect(DeleteMarkers![0]).toMatchObject({ Key: 'k2', IsLatest: true, Owner: { ID: 'cozos' } })
  })

  it.each([1, 2, 3, 4, 5])('pages by %i, through the versions of a key', async (size) => {
    const { Bucket } = await filled(server())
    const whole = shown((await list(Bucket)).text)
    const found: string[] = []
    let markers: Record<string, string> = {}
    for (;;) {
      const { text } = await list(Bucket, { query: { 'max-keys': String(size), ...markers } })
      found.push(...shown(text))
      const next = /<NextKeyMarker>(.*?)<\/NextKeyMarker><NextVersionIdMarker>(.*?)</.exec(text)
      if (next === null) break
      markers = { 'key-marker': next[1]!, 'version-id-marker': next[2]! }
    }
    expect(found).toEqual(whole)
  })

  it('rolls up, and goes on behind a common prefix', async () => {
    const { Bucket } = await filled(server())
    const query = { delimiter: '/', 'max-keys': '1' }
    const { text } = await list(Bucket, { query })
    expect(text).toContain('<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>')
    expect(text).toContain('<NextKeyMarker>d/</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>')
    const markers = { 'key-marker': 'd/', 'version-id-marker': 'null' }
    const next = await list(Bucket, { query: { ...query, ...markers } })
    expect(shown(next.text)[0]).toMatch(/^Version k1 /)
  })

  it('empties a bucket page by page, although each page’s marker is gone', async () => {
    const { Bucket } = await filled(server())
    const s3 = server().s3()
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {}
    let removed = 0
    for (;;) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, ...markers }))
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
        removed += 1
      }
      if (!page.IsTruncated) break
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
    }
    expect(removed).toBe(5)
    expect(verdict(await server().request('DELETE', `/${Bucket}`))).toBe('204')
  })

  it('prints null versions where nothing was ever versioned, and under suspension', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
    expect(shown((await list(Bucket)).text)).toEqual(['Version k null true'])
    await setVersioning(server(), Bucket, 'Suspended')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
    expect(shown((await list(Bucket)).text)).toEqual(['DeleteMarker k null true'])
  })

  it('refuses a version marker without a key', async () => {
    const { Bucket, ids } = await filled(server())
    const marker = { 'version-id-marker': ids['newer'] }
    expect(verdict(await list(Bucket, { query: marker }))).toBe('400 InvalidArgument')
    expect(verdict(await list(Bucket, { query: { ...marker, 'key-marker': 'k1' } }))).toBe('200')
    expect(verdict(await list(Bucket, { query: { 'version-id-marker': '' } }))).toBe('200')
  })

  it('is for whom the ACL lets read', async () => {
    const Bucket = await createBucket(server())
    expect(verdict(await list(Bucket))).toBe('200')
    expect(verdict(await list(Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await list(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await list(uniqueName('none')))).toBe('404 NoSuchBucket')
    const open = await createBucket(server(), { acl: 'public-read' })
    expect(verdict(await list(open, { as: 'anonymous' }))).toBe('200')
  })
})

describe('ListObjectVersions in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('refuses markers that no version can have', async () => {
    const { Bucket, ids } = await filled(server())
    const list = async (marker: string) => {
      const query = { versions: undefined, 'key-marker': 'k1', 'version-id-marker': marker }
      return verdict(await server().request('GET', `/${Bucket}`, { query }))
    }
    expect(await list('')).toBe('400 InvalidArgument')
    expect(await list('not an id')).toBe('400 InvalidArgument')
    expect(await list(ids['newer']!)).toBe('200')
    expect(await list('null')).toBe('200')
  })
})
