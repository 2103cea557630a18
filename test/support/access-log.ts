import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { verdict } from './buckets.ts'
import type { TestRequest, TestServer } from './server.ts'

export const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** A BucketLoggingStatus that sends the log to this bucket. */
export function loggingTo(target: string, { prefix = 'log/', more = '' } = {}): string {
  const inside = `<TargetBucket>${target}</TargetBucket><TargetPrefix>${prefix}</TargetPrefix>${more}`
  return `<BucketLoggingStatus xmlns="${NAMESPACE}"><LoggingEnabled>${inside}</LoggingEnabled></BucketLoggingStatus>`
}

export const LOGGING_OFF = `<BucketLoggingStatus xmlns="${NAMESPACE}"/>`

export async function putLogging(server: TestServer, bucket: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${bucket}`, { query: { logging: undefined }, ...request }))
}

/** Delivers what has been recorded for the log of this bucket. */
export async function flushLog(server: TestServer, bucket: string, request: TestRequest = {}): Promise<string> {
  return verdict(await server.request('POST', `/${bucket}`, { query: { logging: undefined }, ...request }))
}

export async function keysIn(server: TestServer, bucket: string): Promise<string[]> {
  const listed = await server.s3().send(new ListObjectsV2Command({ Bucket: bucket }))
  return (listed.Contents ?? []).map(({ Key = '' }) => Key)
}

/** The lines of all log objects under a prefix, in the order of their keys. */
export async function logLines(server: TestServer, bucket: string, prefix = 'log/'): Promise<string[]> {
  const lines: string[] = []
  for (const Key of (await keysIn(server, bucket)).filter((key) => key.startsWith(prefix))) {
    const { Body } = await server.s3().send(new GetObjectCommand({ Bucket: bucket, Key }))
    lines.push(...((await Body?.transformToString()) ?? '').trimEnd().split('\n'))
  }
  return lines
}

/** The fields of a line, as AWS's documentation takes them apart. */
export function fieldsOf(line: string): string[] {
  return line.match(/\[[^\]]*\]|"[^"]*"|\S+/g) ?? []
}

/** Operation, key, status and error code of each line. */
export function summaryOf(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const [, , , , requester, , operation, key, , status, code] = fieldsOf(line)
    return [requester, operation, key, status, code].join(' ')
  })
}
