import type { VersioningChange } from '../../domain/buckets/versioning.ts'
import { s3Error } from '../../errors.ts'
import type { Versioning } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

const CHANGES: ReadonlyMap<string | undefined, VersioningChange> = new Map([
  ['Enabled', 'enabled'],
  ['Suspended', 'suspended'],
])
const SHOWN: Readonly<Record<Versioning, string | undefined>> = {
  off: undefined,
  enabled: 'Enabled',
  suspended: 'Suspended',
}

/**
 * VersioningConfiguration: what to set.
 * @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS); IllegalVersioningConfigurationException to AWS without
 *   a Status; NotImplemented for MFA delete, which would promise a protection that is not there
 */
export function readVersioning(document: Buffer, dialect: Dialect): VersioningChange {
  const root = readBucketDocument(document, { root: 'VersioningConfiguration', dialect })
  const mfaDelete = root.child('MfaDelete')?.text.trim()
  if (mfaDelete === 'Enabled') throw s3Error('NotImplemented', { Element: 'MfaDelete' })
  if (mfaDelete !== undefined && mfaDelete !== 'Disabled') throw malformed(dialect)
  const status = root.child('Status')?.text.trim()
  if (status === undefined && !dialect.rgwExtensions) throw s3Error('IllegalVersioningConfigurationException')
  const change = CHANGES.get(status)
  if (change === undefined) throw malformed(dialect)
  return change
}

/** RGW prints MfaDelete beside every Status (recorded: versioning.get.enabled); AWS only where it was ever set. */
export function versioningDocument(versioning: Versioning, dialect: Dialect): string {
  const Status = SHOWN[versioning]
  return buildDocument('VersioningConfiguration', {
    Status,
    MfaDelete: dialect.rgwExtensions && Status !== undefined ? 'Disabled' : undefined,
  })
}
