import { setVersioning } from './buckets.ts'
import { type TestRequest, type TestResponse, type TestServer, uniqueName } from './server.ts'

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** A RestoreRequest: for so many days, with the elements given. */
export function restoreRequest(days: number | string = 1, more = ''): string {
  return `<RestoreRequest xmlns="${NAMESPACE}"><Days>${days}</Days>${more}</RestoreRequest>`
}

export function tier(name: string): string {
  return `<GlacierJobParameters><Tier>${name}</Tier></GlacierJobParameters>`
}

export interface ArchivedObject {
  readonly bucket: string
  /** `/bucket/key` */
  readonly path: string
  readonly versionId: string | undefined
  restore(body?: string, options?: Omit<TestRequest, 'body'>): Promise<TestResponse>
  get(options?: TestRequest): Promise<TestResponse>
  head(options?: TestRequest): Promise<TestResponse>
}

export interface ArchivedOptions {
  readonly storageClass?: string
  readonly body?: string | Buffer
  readonly versioned?: boolean
}

/** An object in a bucket of its own, whose class is GLACIER where none is given. */
export async function archivedObject(server: TestServer, options: ArchivedOptions = {}): Promise<ArchivedObject> {
  const { storageClass = 'GLACIER', body = 'cold', versioned = false } = options
  const bucket = uniqueName('archive')
  await expectStatus(200, server.request('PUT', `/${bucket}`))
  if (versioned) await setVersioning(server, bucket, 'Enabled')
  const path = `/${bucket}/key`
  const put = await expectStatus(
    200,
    server.request('PUT', path, { body, headers: { 'x-amz-storage-class': storageClass } }),
  )
  const versionId = put.headers['x-amz-version-id']
  return {
    bucket,
    path,
    versionId: typeof versionId === 'string' ? versionId : undefined,
    restore: (document = restoreRequest(), sent = {}) =>
      server.request('POST', path, { ...sent, query: { restore: undefined, ...sent.query }, body: document }),
    get: (sent) => server.request('GET', path, sent),
    head: (sent) => server.request('HEAD', path, sent),
  }
}

async function expectStatus(status: number, answer: Promise<TestResponse>): Promise<TestResponse> {
  const found = await answer
  if (found.status !== status) throw new Error(`${found.status} ${found.text}`)
  return found
}
