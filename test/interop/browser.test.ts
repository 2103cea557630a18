// It is the browser that decides what a page of another origin may do: here a real one does. Every refusal stands
// beside a like request that is allowed.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FILENAME, policyOf, scopeFields, signFormV4 } from '../support/form.ts'
import { ACCESS_KEY, BROWSER, SECRET_KEY, type ServerProcess, startProcess } from './clients.ts'

const Bucket = 'uploads'
const KEY = { accessKey: ACCESS_KEY, secretKey: SECRET_KEY }

let server: ServerProcess
let s3: S3Client
let browser: Browser
/** The same page from two origins: the rules know the first one. */
let pages: { known: Page; stranger: Page }
const sites: Server[] = []

beforeAll(async () => {
  server = await startProcess()
  s3 = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    // A checksum would stand in the presigned URL, for a body that is not known yet.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] })
  const [known, stranger] = [await site(), await site()]
  pages = { known: await open(known), stranger: await open(stranger) }
  await s3.send(new CreateBucketCommand({ Bucket }))
  const upload = {
    AllowedOrigins: [known],
    AllowedMethods: ['PUT', 'POST'],
    AllowedHeaders: ['content-type', 'x-amz-meta-*'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 1,
  }
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [upload] } }))
})

afterAll(async () => {
  await browser?.close()
  for (const running of sites) running.close()
  s3?.destroy()
  await server?.stop()
})

/** A page with nothing on it, at an origin of its own. */
async function site(): Promise<string> {
  const running = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>page</title>')
  })
  sites.push(running)
  await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(running.address() as AddressInfo).port}`
}

async function open(origin: string): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(origin)
  return page
}

interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  /** Sent as multipart/form-data, with the body as the file behind the fields. */
  readonly fields?: readonly (readonly [string, string])[]
}

/** What the page's script gets to see: the status and the ETag, or `blocked` where the browser keeps the answer. */
async function fetchFrom(page: Page, url: string, sent: Sent = {}): Promise<[number | string, string | null]> {
  return page.evaluate(
    async ({ url, sent: { fields, body, ...init } }): Promise<[number | string, string | null]> => {
      const form = new FormData()
      for (const [name, value] of fields ?? []) form.append(name, value)
      if (fields !== undefined) form.append('file', new Blob([body ?? '']), 'name.txt')
      try {
        const answer = await fetch(url, { ...init, body: fields === undefined ? (body ?? null) : form })
        return [answer.status, answer.headers.get('etag')]
      } catch {
        return ['blocked', null]
      }
    },
    { url, sent },
  )
}

const presignedPut = (Key: string) => getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }))

async function stored(Key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return await Body?.transformToString()
  } catch {
    return undefined
  }
}

/** MD5 of `hello`. */
const HELLO_ETAG = '"5d41402abc4b2a76b9719d911017c592"'

describe('a page uploads with a presigned PUT', () => {
  it('and reads the header that is exposed', async () => {
    const headers = { 'content-type': 'text/plain', 'x-amz-meta-from': 'page' }
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'put', Metadata: { from: 'page' } }), {
      unhoistableHeaders: new Set(['x-amz-meta-from']),
    })
    expect(await fetchFrom(pages.known, url, { method: 'PUT', headers, body: 'hello' })).toEqual([200, HELLO_ETAG])
    expect(await stored('put')).toBe('hello')
  })

  it('but not from another origin', async () => {
    const url = await presignedPut('origin')
    const sent = { method: 'PUT', body: 'hello' }
    expect(await fetchFrom(pages.stranger, url, sent)).toEqual(['blocked', null])
    expect(await stored('origin')).toBeUndefined()
    expect(await fetchFrom(pages.known, url, sent)).toEqual([200, HELLO_ETAG])
  })

  it('but not with another method', async () => {
    const url = await presignedPut('method')
    expect(await fetchFrom(pages.known, url, { method: 'DELETE' })).toEqual(['blocked', null])
    // A GET needs no leave to be sent, but its answer is kept from the page.
    expect(await fetchFrom(pages.known, url)).toEqual(['blocked', null])
    expect((await fetchFrom(pages.known, url, { method: 'PUT', body: 'x' }))[0]).toBe(200)
  })

  it('but not with another header', async () => {
    const url = await presignedPut('header')
    const sent = { method: 'PUT', body: 'x' }
    expect(await fetchFrom(pages.known, url, { ...sent, headers: { 'x-own': '1' } })).toEqual(['blocked', null])
    expect(await stored('header')).toBeUndefined()
    expect((await fetchFrom(pages.known, url, { ...sent, headers: { 'content-type': 'text/x' } }))[0]).toBe(200)
  })

  it('and reads why it was refused', async () => {
    const url = (await presignedPut('refused')).replace(/X-Amz-Signature=..../, 'X-Amz-Signature=0000')
    expect(await fetchFrom(pages.known, url, { method: 'PUT', body: 'x' })).toEqual([403, null])
    expect(await fetchFrom(pages.stranger, url, { method: 'PUT', body: 'x' })).toEqual(['blocked', null])
  })
})

describe('a page uploads with a form', () => {
  const url = () => `${server.endpoint}/${Bucket}`

  /** The fields of a form for this key, as the page's own server would hand them out. */
  function fieldsFor(key: string, more: readonly (readonly [string, string])[] = []): (readonly [string, string])[] {
    const covered = [...more, ...scopeFields(KEY)]
    const fields = [['key', key] as const, ...covered]
    const start = ['starts-with', '$key', key.replace(FILENAME, '')]
    const conditions = [{ bucket: Bucket }, start, ...covered.map(([name, value]) => ({ [name]: value }))]
    const proof = signFormV4(policyOf(conditions), KEY)
    return [...fields, ...proof.filter(([name]) => !fields.some(([own]) => own === name))]
  }

  it('that its script sends', async () => {
    const sent = { method: 'POST', fields: fieldsFor('form'), body: 'hello' }
    expect(await fetchFrom(pages.known, url(), sent)).toEqual([204, HELLO_ETAG])
    expect(await stored('form')).toBe('hello')
  })

  it('whose answer another origin’s script does not get', async () => {
    const sent = { method: 'POST', fields: fieldsFor('strange'), body: 'hello' }
    expect(await fetchFrom(pages.stranger, url(), sent)).toEqual(['blocked', null])
    expect(await fetchFrom(pages.known, url(), sent)).toEqual([204, HELLO_ETAG])
  })

  it('that its reader sends, and goes where the form says', async () => {
    const page = await browser.newPage()
    const back = `${await site()}/done`
    const fields = fieldsFor(`reader/${FILENAME}`, [['success_action_redirect', back]])
    const inputs = fields.map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
    await page.setContent(
      `<form method="post" enctype="multipart/form-data" action="${url()}">${inputs.join('')}` +
        '<input type="file" name="file"><button>send</button></form>',
    )
    const file = { name: 'a b.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') }
    await page.setInputFiles('input[type=file]', file)
    await page.click('button')
    await page.waitForURL(`${back}?**`)
    expect(new URL(page.url()).searchParams.get('key')).toBe('reader/a b.txt')
    expect(await stored('reader/a b.txt')).toBe('hello')
    await page.close()
  })
})
