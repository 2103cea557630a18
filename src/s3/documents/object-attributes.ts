import { PAGE_KEYS_MAX } from '../../domain/limits.ts'
import type { PartsPage, PartsRange } from '../../domain/objects/attributes.ts'
import { s3Error } from '../../errors.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import { checksumElements } from '../headers/checksum.ts'
import type { RequestHead } from '../request.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'

const ATTRIBUTES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const
export type AttributeName = (typeof ATTRIBUTES)[number]

/**
 * The `x-amz-object-attributes` list.
 * @throws S3Error InvalidRequest without one, InvalidArgument for a name that S3 does not have
 */
export function readAttributeNames(head: RequestHead): ReadonlySet<AttributeName> {
  const names = (head.headers.get('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim())
  const wanted = names.filter((name) => name !== '')
  if (wanted.length === 0) {
    throw s3Error(
      'InvalidRequest',
      {},
      {
        message:
          'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
      },
    )
  }
  return new Set(wanted.map(toAttribute))
}

function toAttribute(name: string): AttributeName {
  const known = ATTRIBUTES.find((attribute) => attribute === name)
  if (known !== undefined) return known
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'x-amz-object-attributes', ArgumentValue: name },
    { message: 'Invalid attribute name specified.' },
  )
}

/** @throws S3Error InvalidArgument for numbers that are none */
export function readPartsRange(head: RequestHead): PartsRange {
  return {
    afterPartNumber: readCount(head, 'x-amz-part-number-marker') ?? 0,
    maxParts: Math.min(readCount(head, 'x-amz-max-parts') ?? PAGE_KEYS_MAX, PAGE_KEYS_MAX),
  }
}

function readCount(head: RequestHead, name: string): number | undefined {
  const text = head.headers.get(name)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: text })
}

/** `GetObjectAttributesResponse`; the ETag has no quotes there, in AWS's samples. */
export function objectAttributes(
  version: VersionRow,
  view: { wanted: ReadonlySet<AttributeName>; parts: PartsPage | undefined },
): string {
  const { wanted, parts } = view
  const hasChecksum = wanted.has('Checksum') && version.checksum !== undefined
  return buildDocument('GetObjectAttributesResponse', {
    ETag: wanted.has('ETag') ? version.etag : undefined,
    Checksum: hasChecksum ? checksumElements(version.checksum) : undefined,
    ObjectParts: parts === undefined ? undefined : partsElement(version, parts),
    StorageClass: wanted.has('StorageClass') ? version.storageClass : undefined,
    ObjectSize: wanted.has('ObjectSize') ? version.sizeBytes : undefined,
  })
}

function partsElement(version: VersionRow, page: PartsPage): XmlContent {
  const algorithm = version.checksum?.algorithm
  return {
    PartsCount: version.partCount,
    PartNumberMarker: page.afterPartNumber,
    NextPartNumberMarker: page.parts.at(-1)?.partNumber ?? page.afterPartNumber,
    MaxParts: page.maxParts,
    IsTruncated: page.isTruncated,
    Part: page.parts.map(({ partNumber, sizeBytes, checksum }) => ({
      PartNumber: partNumber,
      Size: sizeBytes,
      ...(algorithm === undefined ? {} : { [`Checksum${algorithm}`]: checksum }),
    })),
  }
}
