import { expect } from 'vitest'
import { type TestRequest, type TestResponse, type TestServer, uniqueName } from './server.ts'

/** A part as a completion lists it. */
export interface Listed {
  readonly partNumber: number | string
  readonly etag: string
  /** Further elements, as XML. */
  readonly extra?: string
}

/** Multipart requests as any client could send them, on a bucket of their own. */
export interface MultipartBucket {
  readonly bucket: string
  create(key: string, headers?: Record<string, string>): Promise<string>
  /** Returns the ETag without its quotes. */
  part(upload: UploadAt, partNumber: number, body: Buffer | string): Promise<string>
  send(method: string, upload: UploadAt, options?: TestRequest): Promise<TestResponse>
  complete(upload: UploadAt, parts: readonly Listed[], options?: TestRequest): Promise<TestResponse>
  get(key: string): Promise<TestResponse>
}

export interface UploadAt {
  readonly key: string
  readonly uploadId: string
}

export type Versioning = 'Enabled' | 'Suspended'

export async function multipartBucket(server: TestServer, versioning?: Versioning): Promise<MultipartBucket> {
  const bucket = uniqueName('multipart')
  const made = await server.request('PUT', `/${bucket}`)
  expect(made.status, made.text).toBe(200)
  if (versioning !== undefined) await setVersioning(server, bucket, versioning)
  const send: MultipartBucket['send'] = (method, { key, uploadId }, options = {}) =>
    server.request(method, `/${bucket}/${key}`, { ...options, query: { uploadId, ...options.query } })
  return {
    bucket,
    send,
    async create(key, headers = {}) {
      const answer = await server.request('POST', `/${bucket}/${key}`, { query: { uploads: undefined }, headers })
      expect(answer.status, answer.text).toBe(200)
      return element(answer.text, 'UploadId')
    },
    async part(upload, partNumber, body) {
      const answer = await send('PUT', upload, { query: { partNumber: String(partNumber) }, body })
      expect(answer.status, answer.text).toBe(200)
      return String(answer.headers.etag).replaceAll('"', '')
    },
    complete: (upload, parts, options = {}) => send('POST', upload, { body: completion(parts), ...options }),
    get: (key) => server.request('GET', `/${bucket}/${key}`),
  }
}

export async function setVersioning(server: TestServer, bucket: string, status: Versioning): Promise<void> {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
  const answer = await server.request('PUT', `/${bucket}`, { query: { versioning: undefined }, body })
  expect(answer.status, answer.text).toBe(200)
}

export function completion(parts: readonly Listed[]): string {
  const listed = parts.map(
    ({ partNumber, etag, extra = '' }) =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>"${etag}"</ETag>${extra}</Part>`,
  )
  return `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
}

/** The text of the first element of this name; fails the test if there is none. */
export function element(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  expect(found, `${name} in ${xml}`).toBeDefined()
  return found ?? ''
}

export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '')
}

/** The code of an error document, or the status of a success. */
export function outcome({ status, text }: Pick<TestResponse, 'status' | 'text'>): string {
  return /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? String(status)
}
