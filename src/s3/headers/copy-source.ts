import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

export interface CopySource {
  readonly tenant: string
  readonly bucket: string
  readonly key: string
  readonly versionId: string | undefined
}

const NAME = 'x-amz-copy-source'
const VERSION = '?versionId='

/**
 * x-amz-copy-source: `[/][tenant:]bucket/key[?versionId=id]`, percent-encoded. A `+` is a plus, as in RGW.
 * @throws S3Error InvalidArgument if it is not of that form; NotImplemented for an access point's ARN
 */
export function readCopySource(head: RequestHead): CopySource {
  const value = head.headers.get(NAME) ?? ''
  const versionAt = value.lastIndexOf(VERSION)
  const path = decode(versionAt < 0 ? value : value.slice(0, versionAt), value)
  const versionId = versionAt < 0 ? undefined : decode(value.slice(versionAt + VERSION.length), value)
  if (path.startsWith('arn:')) throw s3Error('NotImplemented', { Header: NAME })
  const [, tenant = '', bucket = '', key = ''] = /^\/?(?:([^:/]*):)?([^/]+)\/(.+)$/s.exec(path) ?? []
  if (bucket === '' || versionId === '') throw invalid(value)
  return { tenant, bucket, key, versionId }
}

function decode(text: string, value: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(value)
  }
}

function invalid(value: string): Error {
  const message = 'Copy source must mention the source bucket and key: sourcebucket/sourcekey'
  return s3Error('InvalidArgument', { ArgumentName: NAME, ArgumentValue: value }, { message })
}
