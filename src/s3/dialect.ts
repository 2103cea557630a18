import type { DialectName } from '../config/config.ts'
import type { LocationRule } from '../domain/buckets/location.ts'
import type { BucketNameRule } from '../domain/buckets/name.ts'
import type { MissingKeyCode } from '../domain/versions/write.ts'
import type { S3Error } from '../errors.ts'

/**
 * The decisions in which the providers contradict each other. Operations of every dialect are served on every listener;
 * only what conflicts asks the dialect.
 */
export interface Dialect {
  readonly name: DialectName
  /** The form of x-amz-request-id. */
  requestId(): string
  /** The value of x-amz-id-2; undefined if the dialect does not send that header. */
  hostId(): string | undefined
  /** Headers of every response that tell the request's id, in order. */
  idHeaders(requestId: string): readonly (readonly [name: string, value: string])[]
  /** An error's code and status as this dialect words it: RGW answers an unknown version with NoSuchKey. */
  wireError(error: S3Error): WireError
  /** The error document's text, with the XML declaration. */
  errorDocument(error: S3Error, request: ErrorContext): string
  /** Whether a storage class header is printed for STANDARD: ZOS's HEAD samples show it, RGW and AWS leave it out. */
  readonly printsStandardClass: boolean
  /** RGW and ZOS print x-rgw-object-type and listings' Type. */
  readonly rgwExtensions: boolean
  /**
   * RGW answers 200 when the same owner creates a bucket again; AWS does so in its oldest region us-east-1 only, else
   * BucketAlreadyOwnedByYou.
   */
  readonly recreateBucketSucceeds: boolean
  /** Which bucket names are allowed. */
  readonly bucketNames: BucketNameRule
  /** What a LocationConstraint may say. */
  readonly locations: LocationRule
  /** Whether CreateBucket tells a Location and HeadBucket a region. RGW 16.2 does neither (recorded: bucket.create). */
  readonly tellsLocation: boolean
  /** RGW tells a bucket's owner its quotas (recorded: bucket.head); ZOS's sample has none. */
  readonly tellsQuotas: boolean
  /** AWS's paging of ListBuckets; RGW 16.2 ignores it (recorded: service.list_buckets.max_buckets). */
  readonly pagesBuckets: boolean
  /** Storage classes that a PUT may name. */
  readonly storageClasses: readonly string[]
  /** AWS's default type is binary/octet-stream, as RGW's. */
  readonly defaultContentType: string
  /** User metadata of one object, names and values together, in bytes of UTF-8. */
  readonly metadataBytesMax: number
  /** Tags of one object. */
  readonly objectTagsMax: number
  /** RGW keeps a tag key that is given twice (recorded: object.put.tagging_dup); AWS refuses it. */
  readonly allowsDuplicateTags: boolean
  /** AWS allows letters, digits, spaces and `_.:/=+-@` in tags; RGW takes anything. */
  readonly restrictsTagCharacters: boolean
  /**
   * RGW refuses a condition whose date cannot be read (recorded: object.get.if_mod_junk); RFC 9110 and AWS ignore it.
   */
  readonly refusesBadConditionDates: boolean
  /** AWS refuses a version id that is not of an id's form with InvalidArgument; elsewhere it is an unknown version. */
  readonly refusesMalformedVersionIds: boolean
  /** Whether a write's If-None-Match may name ETags, as in RGW. AWS documents `*` alone and answers others 501. */
  readonly writesUnlessETag: boolean
  /** What completing an upload answers to no document at all. AWS distinguishes it from a list without parts. */
  readonly missingPartList: 'MalformedXML' | 'InvalidRequest'
  /** What a write's If-Match answers where there is no object. */
  readonly ifMatchOnMissing: MissingKeyCode
  /** Whether a read that meets a delete marker hears of it: a header, and 405 where the marker was named. */
  readonly revealsMarkers: boolean
  /** Whether a 304 bears its validators, as RFC 9110 section 15.4.5 asks. RGW sends none. */
  readonly validatorsOn304: boolean
  /** RGW's word for an upload whose parts are to be listed and that is not there (recorded: multipart.list_parts). */
  readonly missingUploadOfParts: 'NoSuchKey' | 'NoSuchUpload'
  /** Whether each part of a composite upload must bear its checksum, as in AWS; elsewhere it is computed. */
  readonly demandsPartChecksums: boolean
  /** The Location of a completed upload has `http://`; RGW 16.2 begins it with the host. */
  readonly locationsHaveScheme: boolean
  /** IBM's own Python example lists its first page with an empty continuation token; AWS refuses that. */
  readonly ignoresEmptyToken: boolean
}

export interface WireError {
  readonly code: string
  readonly status: number
}

export interface ErrorContext {
  readonly requestId: string
  /** The bucket once its name has been parsed. */
  readonly bucket: string | undefined
  readonly key: string | undefined
  /** The path as sent. */
  readonly resource: string
}
