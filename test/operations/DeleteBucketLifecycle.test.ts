import { expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { uniqueName, useServer } from '../support/server.ts'

const query = { lifecycle: undefined }
const server = useServer()

it('removes the rules, also where there are none, for the owner alone', async () => {
  const name = await createBucket(server(), { acl: 'public-read-write' })
  const remove = async (as: 'root' | 'alt' | 'anonymous' = 'root', bucket = name) =>
    verdict(await server().request('DELETE', `/${bucket}`, { query, as }))
  const body =
    '<LifecycleConfiguration><Rule><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>' +
    '</LifecycleConfiguration>'
  await server().request('PUT', `/${name}`, { query, body })
  expect(await remove('alt')).toBe('403 AccessDenied')
  expect(await remove('anonymous')).toBe('403 AccessDenied')
  expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('200')
  expect(await remove()).toBe('204')
  expect(verdict(await server().request('GET', `/${name}`, { query }))).toBe('404 NoSuchLifecycleConfiguration')
  expect(await remove()).toBe('204')
  expect(await remove('root', uniqueName('none'))).toBe('404 NoSuchBucket')
  expect(verdict(await server().request('HEAD', `/${name}`))).toBe('200')
})
