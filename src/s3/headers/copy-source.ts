import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

export interface CopySource {
  readonly tenant: string
  readonly bucket: string
  readonly key: string
  readonly versionId: string | undefined
}

const NAME = 'x-amz-copy-source'
const VERSION = /\?versionId=/g
/** ZOS's manual writes `?Versionid=` (4.1). */
const VERSION_IN_ANY_CASE = /\?versionId=/gi

/**
 * x-amz-copy-source: `[/][tenant:]bucket/key[?versionId=id]`, percent-encoded. A `+` is a plus, as in RGW.
 * @throws S3Error InvalidArgument if it is not of that form; NotImplemented for an access point's ARN
 */
export function readCopySource(head: RequestHead): CopySource {
  const value = head.headers.get(NAME) ?? ''
  return parseSource({ name: NAME, value, what: 'Copy source' }, VERSION)
}

/**
 * The same where it says what ProcessObject is to process.
 * @throws S3Error as readCopySource, naming the parameter
 */
export function parseProcessSource({ name, value }: { name: string; value: string }): CopySource {
  return parseSource({ name, value, what: 'Process source' }, VERSION_IN_ANY_CASE)
}

interface GivenSource {
  readonly name: string
  readonly value: string
  readonly what: string
}

function parseSource(given: GivenSource, version: RegExp): CopySource {
  const { name, value } = given
  const found = [...value.matchAll(version)].at(-1)
  const path = decode(value.slice(0, found?.index), given)
  const versionId = found === undefined ? undefined : decode(value.slice(found.index + found[0].length), given)
  if (path.startsWith('arn:')) throw s3Error('NotImplemented', { Header: name })
  const [, tenant = '', bucket = '', key = ''] = /^\/?(?:([^:/]*):)?([^/]+)\/(.+)$/s.exec(path) ?? []
  if (bucket === '' || versionId === '') throw invalid(given)
  return { tenant, bucket, key, versionId }
}

function decode(text: string, given: GivenSource): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(given)
  }
}

function invalid({ name, value, what }: GivenSource): Error {
  const message = `${what} must mention the source bucket and key: sourcebucket/sourcekey`
  return s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, { message })
}
