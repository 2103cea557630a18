import type { RequestedLogging, RequestedLoggingGrant } from '../../domain/buckets/logging.ts'
import { s3Error } from '../../errors.ts'
import type { LoggingTarget } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import { type AclView, grantElements, readGrants } from './acl.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

const ROOT = 'BucketLoggingStatus'
const KNOWN: ReadonlySet<string> = new Set(['TargetBucket', 'TargetPrefix', 'TargetGrants', 'TargetObjectKeyFormat'])
/** Ceph's own elements: when a log is rolled, and what its records are. */
const UNSERVED: ReadonlySet<string> = new Set(['ObjectRollTime', 'LoggingType', 'RecordsBatchSize', 'Filter'])

/**
 * BucketLoggingStatus: where the log is to go; undefined where an empty one switches it off.
 * @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS); NotImplemented for keys in AWS's partitioned form and
 *   for Ceph's own elements; that of readGroup
 */
export function readLogging(document: Buffer, dialect: Dialect): RequestedLogging | undefined {
  const [enabled, ...others] = readBucketDocument(document, { root: ROOT, dialect }).children()
  if (enabled === undefined) return undefined
  if (enabled.name !== 'LoggingEnabled' || others.length > 0) throw malformed(dialect)
  const names = enabled.children().map(({ name }) => name)
  const unserved = names.find((name) => UNSERVED.has(name))
  if (unserved !== undefined) throw notImplemented(unserved)
  if (names.some((name) => !KNOWN.has(name)) || new Set(names).size < names.length) throw malformed(dialect)
  const bucket = enabled.child('TargetBucket')?.text.trim()
  // White space may be part of a prefix.
  const prefix = enabled.child('TargetPrefix')?.text
  if (bucket === undefined || bucket === '' || prefix === undefined) throw malformed(dialect)
  const grants = readLoggingGrants(enabled.child('TargetGrants'), dialect)
  return { bucket, prefix, grants, namesKeyFormat: namesKeyFormat(enabled, dialect) }
}

function readLoggingGrants(list: XmlElement | undefined, dialect: Dialect): RequestedLoggingGrant[] {
  if (list === undefined) return []
  return readGrants(list, dialect).map(({ grantee, permission }) => {
    if (permission === 'READ_ACP' || permission === 'WRITE_ACP') throw malformed(dialect)
    return { grantee, permission }
  })
}

function namesKeyFormat(enabled: XmlElement, dialect: Dialect): boolean {
  const format = enabled.child('TargetObjectKeyFormat')
  if (format === undefined) return false
  const [form, ...others] = format.children()
  if (form === undefined || others.length > 0) throw malformed(dialect)
  if (form.name === 'PartitionedPrefix') throw notImplemented('PartitionedPrefix')
  if (form.name !== 'SimplePrefix') throw malformed(dialect)
  return true
}

function notImplemented(element: string): Error {
  return s3Error('NotImplemented', { Element: element }, { message: `${element} is not implemented` })
}

/** The answer of GetBucketLogging; empty without a log (recorded: logging.get.none). */
export function loggingDocument(logging: LoggingTarget | undefined, view: AclView): string {
  if (logging === undefined) return buildDocument(ROOT, {})
  const { bucket, prefix, grants, namesKeyFormat } = logging
  const LoggingEnabled: XmlContent = {
    TargetBucket: bucket,
    TargetPrefix: prefix,
    TargetGrants: grants.length === 0 ? undefined : { Grant: grantElements(grants, view) },
    TargetObjectKeyFormat: namesKeyFormat ? { SimplePrefix: {} } : undefined,
  }
  return buildDocument(ROOT, { LoggingEnabled })
}
