import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { RawConnection, signedHead } from '../support/raw.ts'
import { type TestUser, useServer } from '../support/server.ts'

// A request is decided before its body is read, and a client may take its time with that. What it was granted for one
// object, or for none, it must not do to the object that is there in the end.

const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers'
const ACL =
  '<AccessControlPolicy><Owner><ID>cozos</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="x" xsi:type="Group">' +
  `<URI>${ALL_USERS}</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`
const TAGS = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'

describe('a request that is held back between its head and its body', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  interface Held {
    readonly path: string
    /** PUT where it is left out. */
    readonly method?: 'PUT' | 'POST'
    readonly query: string
    readonly body: string
    /** Undefined: nobody signs it. */
    readonly key?: TestUser
  }

  /** Sends the head and waits until the server reads on, does `meanwhile`, sends the body, and tells the answer. */
  async function hold(
    { path, method = 'PUT', query, body, key }: Held,
    meanwhile: () => Promise<void>,
  ): Promise<string> {
    const headers = { 'content-length': String(body.length), connection: 'close', expect: '100-continue' }
    const request = { method, path, query, headers, body: Buffer.from(body) }
    const plain = Object.entries({ host: `127.0.0.1:${server().port}`, ...headers })
    const anonymous = `${method} ${path}?${query} HTTP/1.1\r\n${plain.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    const connection = await RawConnection.open(server().port)
    connection.send(key === undefined ? anonymous : signedHead(server(), { ...request, key }))
    await connection.until('100 Continue')
    await meanwhile()
    connection.send(body)
    const answer = (await connection.end()).split('100 Continue\r\n\r\n')[1] ?? ''
    return `${answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)} ${/<Code>([^<]*)/.exec(answer)?.[1] ?? ''}`.trim()
  }

  const put = async (path: string, as: 'root' | 'alt', headers: Record<string, string> = {}): Promise<void> => {
    expect(verdict(await server().request('PUT', path, { as, body: `of ${as}`, headers }))).toBe('200')
  }
  const tagsOf = async (path: string) => (await server().request('GET', path, { query: { tagging: undefined } })).text

  it('gets nothing of an object that was not there, which whoever may list the bucket may hear', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read' })
    for (const [query, body] of [
      ['acl', ACL],
      ['tagging', TAGS],
    ] as const) {
      const path = `/${bucket}/${query}`
      expect(await hold({ path, query, body }, async () => undefined)).toBe('404 NoSuchKey')
      expect(await hold({ path, query, body }, () => put(path, 'root'))).toBe('403 AccessDenied')
      expect(verdict(await server().request('GET', path, { as: 'anonymous' }))).toBe('403 AccessDenied')
      expect(await tagsOf(path)).not.toContain('<Tag>')
      expect(await hold({ path, query, body, key: server().root }, async () => undefined)).toBe('200')
    }
  })

  it('gets nothing of an object that took the place of the one it was granted for', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const key = server().alt
    const ownAcl = ACL.replace('cozos', 'alt')
    for (const [query, own, foreign] of [
      ['acl', ownAcl, ACL],
      ['tagging', TAGS, TAGS],
    ] as const) {
      const path = `/${bucket}/${query}`
      await put(path, 'alt')
      expect(await hold({ path, query, body: own, key }, async () => undefined)).toBe('200')
      // Another object of his own is granted as well.
      expect(await hold({ path, query, body: own, key }, () => put(path, 'alt'))).toBe('200')
      expect(await hold({ path, query, body: foreign, key }, () => put(path, 'root'))).toBe('403 AccessDenied')
      expect(verdict(await server().request('GET', path, { as: 'anonymous' }))).toBe('403 AccessDenied')
      expect(await tagsOf(path)).not.toContain('<Tag>')
    }
  })

  it('restores nothing of somebody else’s that took the place of what it was granted for', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const key = server().alt
    const path = `/${bucket}/archived`
    const archived = { 'x-amz-storage-class': 'GLACIER' }
    const restore = { path, method: 'POST', query: 'restore', key } as const
    const body = '<RestoreRequest><Days>1</Days></RestoreRequest>'
    await put(path, 'alt', archived)
    expect(await hold({ ...restore, body }, () => put(path, 'root', archived))).toBe('403 AccessDenied')
    const { headers } = await server().request('HEAD', path)
    expect(headers['x-amz-restore']).toBeUndefined()
    await put(path, 'alt', archived)
    expect(await hold({ ...restore, body }, async () => undefined)).toBe('202')
  })
})
