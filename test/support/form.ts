import { createHmac } from 'node:crypto'
import type { TestResponse, TestServer } from './server.ts'
import { amzDate, type SignKey, signingKeyV4 } from './sign.ts'

// The other side of browser uploads: forms as a page builds them, written from S3's documentation and from nothing in
// src/.

export const BOUNDARY = '----cozosformboundary'
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`

/** What a form writes where the name of its file is to stand. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: this is no template of ours
export const FILENAME = '${filename}'

export type Fields = readonly (readonly [name: string, value: string])[]

export interface TestForm {
  readonly fields?: Fields
  /** Undefined for a form without a file. */
  readonly file?: Buffer | string | undefined
  /** Null for a part without a file name. */
  readonly filename?: string | null
  /** Fields behind the file. */
  readonly after?: Fields
}

function part(disposition: string, value: Buffer | string): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')])
}

/** The body of a form. */
export function formBody(form: TestForm): Buffer {
  const parts = (form.fields ?? []).map(([name, value]) => part(`name="${name}"`, value))
  const file = 'file' in form ? form.file : 'file content'
  const named = form.filename === null ? '' : `; filename="${form.filename ?? 'f.txt'}"`
  if (file !== undefined) parts.push(part(`name="file"${named}`, file))
  for (const [name, value] of form.after ?? []) parts.push(part(`name="${name}"`, value))
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)])
}

/** Posts a form as a browser does: without a signature in the head. */
export function post(server: TestServer, bucket: string, form: TestForm): Promise<TestResponse> {
  return postBytes(server, bucket, formBody(form))
}

export function postBytes(server: TestServer, bucket: string, body: Buffer | string): Promise<TestResponse> {
  return server.request('POST', `/${bucket}`, { as: 'anonymous', headers: { 'content-type': FORM_TYPE }, body })
}

export interface PolicyOptions {
  /** Default: in an hour. */
  readonly expiration?: string
  readonly date?: Date
}

/** A policy document in base64. */
export function policyOf(conditions: readonly unknown[], { expiration }: PolicyOptions = {}): string {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
  return Buffer.from(JSON.stringify({ expiration: expiration ?? inAnHour, conditions })).toString('base64')
}

/** The fields that prove a policy with SigV2. */
export function signFormV2(policy: string, key: SignKey): Fields {
  const signature = createHmac('sha1', key.secretKey).update(policy).digest('base64')
  return [
    ['AWSAccessKeyId', key.accessKey],
    ['policy', policy],
    ['signature', signature],
  ]
}

/** The fields of a SigV4 form that its policy has to cover. */
export function scopeFields(key: SignKey, date = new Date()): Fields {
  const stamp = amzDate(date)
  return [
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', `${key.accessKey}/${stamp.slice(0, 8)}/us-east-1/s3/aws4_request`],
    ['x-amz-date', stamp],
  ]
}

/** The fields that prove a policy with SigV4. */
export function signFormV4(policy: string, key: SignKey, date = new Date()): Fields {
  const signingKey = signingKeyV4(key.secretKey, {
    day: amzDate(date).slice(0, 8),
    region: 'us-east-1',
    service: 's3',
  })
  const signature = createHmac('sha256', signingKey).update(policy).digest('hex')
  return [...scopeFields(key, date), ['policy', policy], ['x-amz-signature', signature]]
}

/** Fields as conditions that each ask for exactly their value. */
export function exactly(fields: Fields): Record<string, string>[] {
  return fields.map(([name, value]) => ({ [name]: value }))
}

/** The fields with a policy that allows exactly them in this bucket, and its SigV2 signature. */
export function signedV2(server: TestServer, bucket: string, fields: Fields): Fields {
  return [...fields, ...signFormV2(policyOf([{ bucket }, ...exactly(fields)]), server.root)]
}

/** The same with SigV4. */
export function signedV4(server: TestServer, bucket: string, fields: Fields): Fields {
  const conditions = [{ bucket }, ...exactly(fields), ...exactly(scopeFields(server.root))]
  return [...fields, ...signFormV4(policyOf(conditions), server.root)]
}
