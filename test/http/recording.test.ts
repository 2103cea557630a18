import { get } from 'node:https'
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { describe, expect, it } from 'vitest'
import { fieldsOf, flushLog, loggingTo, logLines, putLogging, summaryOf } from '../support/access-log.ts'
import { createBucket } from '../support/buckets.ts'
import { type TestServer, useServer } from '../support/server.ts'

/** A bucket whose log goes to another one; the names of both. */
async function loggedBucket(server: TestServer, acl?: 'public-read'): Promise<{ name: string; target: string }> {
  const [name, target] = [await createBucket(server, { acl }), await createBucket(server)]
  expect(await putLogging(server, name, { body: loggingTo(target) })).toBe('200')
  return { name, target }
}

async function linesOf(server: TestServer, { name, target }: { name: string; target: string }): Promise<string[]> {
  expect(await flushLog(server, name)).toBe('201')
  return logLines(server, target)
}

/** GET over TLS; resolves with the status. */
function getOverTls(port: number | undefined, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject)
  })
}

const certificate = (file: string): string => join(import.meta.dirname, 'certificates', file)

describe('the access log of a bucket', () => {
  const tls = { cert: certificate('first.crt'), key: certificate('first.key'), port: 0 }
  const server = useServer({ config: { server: { tls } } })

  it('has a line for each request, whatever became of it', async () => {
    const bucket = await loggedBucket(server())
    const { name } = bucket
    const other = { ...server().root, secretKey: 'not the secret' }
    await server().request('PUT', `/${name}/a%20b`, { body: 'hello' })
    await server().request('GET', `/${name}/a%20b`)
    await server().request('HEAD', `/${name}/a%20b`)
    await server().request('GET', `/${name}/none`)
    await server().request('GET', `/${name}/a%20b`, { as: 'alt' })
    await server().request('GET', `/${name}/a%20b`, { as: 'anonymous' })
    await server().request('GET', `/${name}/a%20b`, { as: other })
    await server().request('GET', `/${name}`, { query: { versioning: undefined } })
    await server().request('POST', `/${name}`, { query: { restore: undefined } })
    await server().request('GET', `/${name}`, { query: { 'max-keys': 'many' } })
    await server().request('DELETE', `/${name}/a%20b`)
    expect(summaryOf(await linesOf(server(), bucket))).toEqual([
      'cozos REST.PUT.OBJECT a%20b 200 -',
      'cozos REST.GET.OBJECT a%20b 200 -',
      'cozos REST.HEAD.OBJECT a%20b 200 -',
      'cozos REST.GET.OBJECT none 404 NoSuchKey',
      'alt REST.GET.OBJECT a%20b 403 AccessDenied',
      '- REST.GET.OBJECT a%20b 403 AccessDenied',
      '- REST.GET.OBJECT a%20b 403 SignatureDoesNotMatch',
      'cozos REST.GET.VERSIONING - 200 -',
      expect.stringMatching(/^cozos REST\.POST\.\w+ - 405 MethodNotAllowed$/),
      'cozos REST.GET.BUCKET - 400 InvalidArgument',
      'cozos REST.DELETE.OBJECT a%20b 204 -',
    ])
  })

  it('tells of each request what AWS tells', async () => {
    const bucket = await loggedBucket(server(), 'public-read')
    const { name } = bucket
    await server().request('PUT', `/${name}/k`, { body: 'hello world', sign: 'v2' })
    const headers = { range: 'bytes=2-4', referer: 'https://page/?a="b"', 'user-agent': 'agent "1"' }
    const answer = await server().request('GET', `/${name}/k`, { headers, query: { versionId: 'null' } })
    await server().request('HEAD', `/${name}/k`)
    const [put = '', get = '', head = ''] = await linesOf(server(), bucket)
    const host = `127.0.0.1:${server().port}`
    expect(fieldsOf(put).slice(-11)).toEqual(['"-"', '"-"', '-', '-', 'SigV2', '-', 'AuthHeader', host, '-', '-', '-'])
    expect(fieldsOf(put)[12]).toBe('11')
    const fields = fieldsOf(get)
    expect(fields).toHaveLength(26)
    expect(fields.slice(0, 2)).toEqual(['cozos', name])
    expect(fields[2]).toMatch(/^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\]$/)
    expect(fields.slice(3, 7)).toEqual(['127.0.0.1', 'cozos', answer.headers['x-amz-request-id'], 'REST.GET.OBJECT'])
    expect(fields.slice(7, 13)).toEqual(['k', `"GET /${name}/k?versionId=null HTTP/1.1"`, '206', '-', '3', '11'])
    expect([fields[13], fields[14]].join(' ')).toMatch(/^\d+ \d+$/)
    expect(fields.slice(15)).toEqual([
      '"https://page/?a=%22b%22"',
      '"agent %221%22"',
      'null',
      '-',
      'SigV4',
      '-',
      'AuthHeader',
      host,
      '-',
      '-',
      '-',
    ])
    expect(fieldsOf(head).slice(9, 13)).toEqual(['200', '-', '-', '11'])
  })

  it('tells how a request was encrypted', async () => {
    const bucket = await loggedBucket(server(), 'public-read')
    expect(await getOverTls(server().running.s3Tls?.port, `/${bucket.name}`)).toBe(200)
    const lines = await linesOf(server(), bucket)
    const fields = fieldsOf(lines[0] ?? '')
    expect([fields[4], fields[20], fields[23]]).toEqual(['-', expect.stringMatching(/^TLS_\w+$/), 'TLSv1.3'])
  })

  it('has nothing that opens a presigned URL, however it was sent', async () => {
    const bucket = await loggedBucket(server())
    const { name } = bucket
    await server().request('PUT', `/${name}/k`, { body: 'hello' })
    const client = server().s3()
    const command = new GetObjectCommand({ Bucket: name, Key: 'k' })
    const url = new URL(await getSignedUrl(client, command, { expiresIn: 60 }))
    const signature = url.searchParams.get('X-Amz-Signature') ?? ''
    expect(signature).toHaveLength(64)
    expect((await fetch(url)).status).toBe(200)
    const encoded = `${url.origin}${url.pathname}${encodeURIComponent(url.search)}`
    expect((await fetch(encoded)).status).toBe(403)
    expect((await fetch(`${url.origin}/${name}/k`, { headers: { referer: url.href } })).status).toBe(403)
    const lines = await linesOf(server(), bucket)
    expect(summaryOf(lines).slice(1, 2)).toEqual(['cozos REST.GET.OBJECT k 200 -'])
    expect(fieldsOf(lines[1] ?? '')[21]).toBe('QueryString')
    expect(lines).toHaveLength(4)
    for (const line of lines) {
      expect(line).not.toContain(signature)
      expect(line).not.toContain(`${server().root.accessKey}%2F`)
    }
    expect(lines[1]).toContain('X-Amz-Signature=REDACTED')
  })

  it('has nothing of buckets that have none', async () => {
    const name = await createBucket(server())
    await server().request('PUT', `/${name}/k`, { body: 'hello' })
    await server().request('GET', `/${name}/k`, { as: 'anonymous' })
    const { records, metadata } = server().running.services
    await records.store(metadata)
    const pending = await metadata.read((tx) => tx.logRecords.pending())
    expect(pending.map(({ bucket }) => bucket.name)).not.toContain(name)
  })

  it('keeps what was not stored yet when the server stops', async () => {
    const bucket = await loggedBucket(server())
    await server().request('PUT', `/${bucket.name}/k`, { body: 'hello' })
    await server().restart()
    expect(summaryOf(await linesOf(server(), bucket))).toEqual(['cozos REST.PUT.OBJECT k 200 -'])
  })

  it('never breaks a request: what cannot be noted is told, and the next request is served', async () => {
    const bucket = await loggedBucket(server())
    const { records } = server().running.services
    const { log } = records
    Object.assign(records, {
      log: {
        size: 0,
        add: () => {
          throw new Error('no line today')
        },
      },
    })
    try {
      expect((await server().request('PUT', `/${bucket.name}/k`, { body: 'hello' })).status).toBe(200)
      expect((await server().request('GET', `/${bucket.name}/k`)).text).toBe('hello')
    } finally {
      Object.assign(records, { log })
    }
    expect(server().logLines.join('')).toContain('a request could not be recorded')
  })
})
