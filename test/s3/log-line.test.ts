import { describe, expect, it } from 'vitest'
import { type LoggedRequest, logLine, logTime } from '../../src/s3/log-line.ts'
import { headOf } from '../support/head.ts'

const AT_MS = Date.UTC(2019, 1, 6, 0, 0, 38)

function request(change: Partial<LoggedRequest> = {}): LoggedRequest {
  return {
    head: headOf('GET', '/bucket?versioning', { Host: 's3.example', 'User-Agent': 'S3Console/0.4' }),
    httpVersion: '1.1',
    bucket: { name: 'bucket', ownerId: 'owner' },
    atMs: AT_MS,
    requesterId: 'caller',
    requestId: 'tx1',
    hostId: undefined,
    operation: 'GetBucketVersioning',
    status: 200,
    errorCode: undefined,
    bytesSent: 113,
    objectBytes: undefined,
    totalMs: 7.4,
    turnAroundMs: undefined,
    signature: { version: 'v4', presigned: false },
    tls: undefined,
    ...change,
  }
}

/** The fields as AWS's documentation takes them apart. */
function fieldsOf(line: string): string[] {
  const fields = line.match(/\[[^\]]*\]|"[^"]*"|\S+/g)
  return fields ?? []
}

describe('logLine', () => {
  it('has AWS’s fields in their order', () => {
    expect(logLine(request())).toBe(
      'owner bucket [06/Feb/2019:00:00:38 +0000] 127.0.0.1 caller tx1 REST.GET.VERSIONING - ' +
        '"GET /bucket?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - - SigV4 - AuthHeader s3.example - - -',
    )
  })

  it('has a dash for what is not there, and each field at its place where it is', () => {
    const headers = { Host: 'h', Referer: 'https://page/', 'User-Agent': 'agent 1' }
    const whole = request({
      head: headOf('GET', '/bucket/a%20b/%C3%BC?versionId=v1', headers),
      operation: 'GetObject',
      status: 206,
      errorCode: 'NoSuchKey',
      objectBytes: 5000,
      turnAroundMs: 3.6,
      hostId: 'host=',
      signature: { version: 'v2', presigned: true },
      tls: { cipher: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3' },
    })
    expect(fieldsOf(logLine(whole)).slice(6)).toEqual([
      'REST.GET.OBJECT',
      'a%20b/%C3%BC',
      '"GET /bucket/a%20b/%C3%BC?versionId=v1 HTTP/1.1"',
      '206',
      'NoSuchKey',
      '113',
      '5000',
      '7',
      '4',
      '"https://page/"',
      '"agent 1"',
      'v1',
      'host=',
      'SigV2',
      'TLS_AES_256_GCM_SHA384',
      'QueryString',
      'h',
      'TLSv1.3',
      '-',
      '-',
    ])
    const bare = { requesterId: undefined, bytesSent: 0, signature: undefined, head: headOf('GET', '/bucket/k') }
    const fields = fieldsOf(logLine(request(bare)))
    expect(fields).toHaveLength(26)
    expect([fields[4], fields[11], ...fields.slice(15, 22)]).toEqual(['-', '-', '"-"', '"-"', '-', '-', '-', '-', '-'])
  })

  it('keeps whatever a client sends within its field', () => {
    const headers = { Host: 'a" b', Referer: '" 200 "', 'User-Agent': 'x"\ty', 'x-amz-date': 'now' }
    const line = logLine(request({ head: headOf('GET', '/bucket/k"%22%0A?versionId=a%20b%0A%22', headers) }))
    const fields = fieldsOf(line)
    expect(fields).toHaveLength(26)
    expect(line).not.toMatch(/[\n\t]/)
    expect(fields[7]).toBe('k%22%22%0A')
    expect(fields[8]).toBe('"GET /bucket/k%22%22%0A?versionId=a%20b%0A%22 HTTP/1.1"')
    expect(fields.slice(15, 18)).toEqual(['"%22 200 %22"', '"x%22%09y"', 'a%20b%0A%22'])
    expect(fields[22]).toBe('a%22%20b')
  })

  it('never has a secret of a presigned URL, wherever it stands', () => {
    const signed = '?X-Amz-Credential=SECRET1&X-Amz-Signature=SECRET2&X-Amz-Security-Token=SECRET3'
    const target = `/bucket/k${encodeURIComponent(signed)}${signed}`
    const headers = { Referer: `https://h/k${signed}`, 'User-Agent': `agent ${signed}` }
    const line = logLine(request({ head: headOf('GET', target, headers) }))
    expect(line).not.toContain('SECRET')
    expect(line).toContain('X-Amz-Signature=REDACTED')
  })
})

it('writes times as AWS does', () => {
  expect(logTime(AT_MS)).toBe('06/Feb/2019:00:00:38 +0000')
  expect(logTime(Date.UTC(2030, 11, 31, 23, 59, 59, 999))).toBe('31/Dec/2030:23:59:59 +0000')
})
