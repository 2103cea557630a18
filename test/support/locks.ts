import { createBucket, verdict } from './buckets.ts'
import type { TestRequest, TestResponse, TestServer } from './server.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** As clients send dates of locks. */
export function isoIn(ms: number, fromMs = Date.now()): string {
  return new Date(fromMs + ms).toISOString()
}

export function retentionXml(mode: string, until: string): string {
  return `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`
}

export function holdXml(status: string): string {
  return `<LegalHold><Status>${status}</Status></LegalHold>`
}

export function lockXml(period: string, mode = 'GOVERNANCE'): string {
  const rule = `<Rule><DefaultRetention><Mode>${mode}</Mode>${period}</DefaultRetention></Rule>`
  return `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`
}

export const BYPASS = { 'x-amz-bypass-governance-retention': 'true' }

/** The headers that store an object under retention. */
export function retentionHeaders(mode: string, until: string): Record<string, string> {
  return { 'x-amz-object-lock-mode': mode, 'x-amz-object-lock-retain-until-date': until }
}

export type LockRequest = TestRequest & { readonly versionId?: string }

/** One object in a bucket with object lock. */
export class LockedObject {
  readonly #server: TestServer
  readonly bucket: string
  readonly key: string
  /** The version that was made with it. */
  readonly versionId: string

  constructor(server: TestServer, at: { bucket: string; key: string; versionId: string }) {
    this.#server = server
    this.bucket = at.bucket
    this.key = at.key
    this.versionId = at.versionId
  }

  get path(): string {
    return `/${this.bucket}/${this.key}`
  }

  /** `retention` or `legal-hold` of the version that was made with it, or of another. */
  answer(method: string, subresource: string, request: LockRequest = {}): Promise<TestResponse> {
    const { versionId = this.versionId, ...rest } = request
    return this.#server.request(method, this.path, { query: { [subresource]: undefined, versionId }, ...rest })
  }

  async retain(mode: string, until: string, request: LockRequest = {}): Promise<string> {
    return verdict(await this.answer('PUT', 'retention', { body: retentionXml(mode, until), ...request }))
  }

  async hold(status: string, request: LockRequest = {}): Promise<string> {
    return verdict(await this.answer('PUT', 'legal-hold', { body: holdXml(status), ...request }))
  }

  /** Mode and date of the retention; status and code where the answer is an error. */
  async retention(request: LockRequest = {}): Promise<string> {
    const answer = await this.answer('GET', 'retention', request)
    const [, mode, until] = /<Mode>(\w+)<\/Mode><RetainUntilDate>([^<]+)</.exec(answer.text) ?? []
    return answer.status === 200 ? `${mode} ${new Date(until ?? '').toISOString()}` : verdict(answer)
  }

  /** ON or OFF; status and code where the answer is an error. */
  async holds(request: LockRequest = {}): Promise<string> {
    const answer = await this.answer('GET', 'legal-hold', request)
    return /<Status>(\w+)</.exec(answer.text)?.[1] ?? verdict(answer)
  }

  async remove(request: TestRequest = {}): Promise<string> {
    const { versionId } = this
    return verdict(await this.#server.request('DELETE', this.path, { query: { versionId }, ...request }))
  }

  async status(): Promise<number> {
    const { versionId } = this
    return (await this.#server.request('HEAD', this.path, { query: { versionId } })).status
  }
}

export interface LockedObjectOptions {
  readonly bucket?: string
  readonly key?: string
  readonly headers?: Record<string, string>
}

/** A new object of `locked`, in a bucket with object lock of its own unless one is given. */
export async function lockedObject(server: TestServer, options: LockedObjectOptions = {}): Promise<LockedObject> {
  const { bucket = await createBucket(server, { objectLock: true }), key = 'k', headers = {} } = options
  const put = await server.request('PUT', `/${bucket}/${key}`, { body: 'locked', headers })
  if (put.status !== 200) throw new Error(put.text)
  return new LockedObject(server, { bucket, key, versionId: String(put.headers['x-amz-version-id']) })
}

export async function putLock(server: TestServer, bucket: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${bucket}`, { query: { 'object-lock': undefined }, ...request }))
}

export async function getLock(server: TestServer, bucket: string, request: TestRequest = {}): Promise<string> {
  const answer = await server.request('GET', `/${bucket}`, { query: { 'object-lock': undefined }, ...request })
  return answer.status === 200 ? answer.text : verdict(answer)
}
