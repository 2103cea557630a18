import type { Checksum, ChecksumAlgorithm, ObjectAttributes } from '../rows.ts'

/** Without what most objects have: the rows of a listing are the smaller for it. */
export function encodeAttributes(attributes: ObjectAttributes): string {
  const { metadata, tags, acl, ...rest } = attributes
  return JSON.stringify({
    ...rest,
    metadata: isEmpty(metadata) ? undefined : metadata,
    tags: tags.length === 0 ? undefined : tags,
    acl: acl === 'private' ? undefined : acl,
  })
}

export function decodeAttributes(json: string): ObjectAttributes {
  const stored = JSON.parse(json) as Partial<ObjectAttributes>
  return {
    ...stored,
    contentType: stored.contentType,
    metadata: stored.metadata ?? {},
    tags: stored.tags ?? [],
    acl: stored.acl ?? 'private',
  }
}

function isEmpty(record: Readonly<Record<string, string>>): boolean {
  for (const _ in record) return false
  return true
}

/** A checksum's three columns, all null or none. */
export interface ChecksumRecord {
  readonly checksum_algorithm: ChecksumAlgorithm | null
  readonly checksum_value: string | null
  readonly checksum_type: Checksum['type'] | null
}

export function decodeChecksum(record: ChecksumRecord): Checksum | undefined {
  const { checksum_algorithm: algorithm, checksum_value: value, checksum_type: type } = record
  if (algorithm === null || value === null || type === null) return undefined
  return { algorithm, value, type }
}

export function encodeChecksum(checksum: Checksum | undefined): ChecksumRecord {
  return {
    checksum_algorithm: checksum?.algorithm ?? null,
    checksum_value: checksum?.value ?? null,
    checksum_type: checksum?.type ?? null,
  }
}
