import type { ObjectOwnership } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

/** S3's three modes of object ownership. */
export const OBJECT_OWNERSHIPS: readonly ObjectOwnership[] = [
  'BucketOwnerEnforced',
  'BucketOwnerPreferred',
  'ObjectWriter',
]

/**
 * OwnershipControls with its one rule.
 * @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS)
 */
export function readOwnershipControls(document: Buffer, dialect: Dialect): ObjectOwnership {
  const root = readBucketDocument(document, { root: 'OwnershipControls', dialect })
  const [rule, ...others] = root.children()
  if (rule?.name !== 'Rule' || others.length > 0) throw malformed(dialect)
  const [value, ...more] = rule.children()
  const ownership = OBJECT_OWNERSHIPS.find((one) => one === value?.text.trim())
  if (value?.name !== 'ObjectOwnership' || more.length > 0 || ownership === undefined) throw malformed(dialect)
  return ownership
}

export function ownershipControlsDocument(ownership: ObjectOwnership): string {
  return buildDocument('OwnershipControls', { Rule: { ObjectOwnership: ownership } })
}
