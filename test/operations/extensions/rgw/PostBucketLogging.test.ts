import { DeleteBucketCommand, GetObjectAclCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import {
  fieldsOf,
  flushLog,
  keysIn,
  LOGGING_OFF,
  loggingTo,
  logLines,
  putLogging,
  summaryOf,
} from '../../../support/access-log.ts'
import { createBucket } from '../../../support/buckets.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const KEY = /^log\/\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-F]{16}$/

describe('PostBucketLogging', () => {
  const server = useServer()

  it('delivers what has been recorded, as an object of the target’s owner', async () => {
    const name = await createBucket(server())
    const target = await createBucket(server(), { acl: 'public-read-write', user: 'alt' })
    const grantee =
      '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>cozos</ID></Grantee>'
    const more = `<TargetGrants><Grant>${grantee}<Permission>READ</Permission></Grant></TargetGrants>`
    expect(await putLogging(server(), name, { body: loggingTo(target, { more }) })).toBe('200')
    await server().request('PUT', `/${name}/k`, { body: 'hello' })
    expect(await flushLog(server(), name)).toBe('201')
    const [Key = '', ...others] = await keysIn(server(), target)
    expect(Key).toMatch(KEY)
    expect(others).toEqual([])
    expect(summaryOf(await logLines(server(), target))).toEqual(['cozos REST.PUT.OBJECT k 200 -'])
    const head = await server()
      .s3()
      .send(new HeadObjectCommand({ Bucket: target, Key }))
    expect(head.ContentType).toBe('text/plain')
    const acl = await server()
      .s3({ user: 'alt' })
      .send(new GetObjectAclCommand({ Bucket: target, Key }))
    expect(acl.Owner?.ID).toBe('alt')
    expect(acl.Grants?.map(({ Grantee, Permission }) => `${Grantee?.ID} ${Permission}`)).toEqual([
      'alt FULL_CONTROL',
      'cozos READ',
    ])
  })

  it('delivers each line once, and makes no object of nothing', async () => {
    const [name, target] = [await createBucket(server()), await createBucket(server())]
    await putLogging(server(), name, { body: loggingTo(target) })
    await server().request('PUT', `/${name}/k`, { body: 'hello' })
    expect(await Promise.all(Array.from({ length: 4 }, () => flushLog(server(), name)))).toEqual(Array(4).fill('201'))
    const puts = summaryOf(await logLines(server(), target)).filter((line) => line.includes('REST.PUT.OBJECT'))
    expect(puts).toEqual(['cozos REST.PUT.OBJECT k 200 -'])
    await putLogging(server(), name, { body: LOGGING_OFF })
    const before = await keysIn(server(), target)
    await putLogging(server(), name, { body: loggingTo(target) })
    expect(await flushLog(server(), name)).toBe('201')
    expect(await keysIn(server(), target)).toEqual(before)
  })

  it('never logs its own writes where a bucket logs to itself', async () => {
    const name = await createBucket(server())
    await putLogging(server(), name, { body: loggingTo(name) })
    await server().request('PUT', `/${name}/k`, { body: 'hello' })
    expect(await flushLog(server(), name)).toBe('201')
    const [Key = ''] = (await keysIn(server(), name)).filter((key) => key.startsWith('log/'))
    await server()
      .s3()
      .send(new GetObjectCommand({ Bucket: name, Key }))
    expect(await flushLog(server(), name)).toBe('201')
    const lines = summaryOf(await logLines(server(), name))
    expect(lines.filter((line) => line.includes('REST.PUT.OBJECT'))).toEqual(['cozos REST.PUT.OBJECT k 200 -'])
    expect(lines).toContain(`cozos REST.GET.OBJECT ${Key} 200 -`)
  })

  it('tells when the target is gone, and drops what would have gone there', async () => {
    const [name, target] = [await createBucket(server()), await createBucket(server())]
    await putLogging(server(), name, { body: loggingTo(target) })
    await server().request('PUT', `/${name}/k`, { body: 'hello' })
    await server()
      .s3()
      .send(new DeleteBucketCommand({ Bucket: target }))
    expect(await flushLog(server(), name)).toBe('400 InvalidTargetBucketForLogging')
  })

  it('is for the owner alone, and of a bucket that has a log', async () => {
    const name = await createBucket(server(), { acl: 'public-read-write' })
    expect(await flushLog(server(), name)).toBe('404 NoSuchConfiguration')
    await putLogging(server(), name, { body: loggingTo(name) })
    expect(await flushLog(server(), name, { as: 'alt' })).toBe('403 AccessDenied')
    expect(await flushLog(server(), name, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await flushLog(server(), uniqueName('none'))).toBe('404 NoSuchBucket')
    expect(await flushLog(server(), name)).toBe('201')
    const lines = summaryOf(await logLines(server(), name))
    expect(lines).toContain('alt REST.POST.LOGGING_STATUS - 403 AccessDenied')
    expect(lines).toContain('- REST.POST.LOGGING_STATUS - 403 AccessDenied')
    expect(fieldsOf((await logLines(server(), name))[0] ?? '')).toHaveLength(26)
  })
})
