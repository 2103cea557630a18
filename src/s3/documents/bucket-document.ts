import { S3Error, s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'

/** Bucket configurations are a few hundred bytes; S3 takes no more than this of the ones served here. */
export const BUCKET_DOCUMENT_BYTES_MAX = 64 * 1024

/**
 * A bucket's configuration document. What is not one is MalformedXML to AWS, and InvalidArgument to RGW and ZOS
 * (recorded: bucket.create.malformed_xml, bucket.create.other_xml, versioning.put.malformed,
 * versioning.put.empty_body).
 * @throws S3Error
 */
export function readBucketDocument(
  document: Buffer,
  { root, dialect }: { root: string; dialect: Dialect },
): XmlElement {
  try {
    return parseDocument(document, root)
  } catch (cause) {
    if (!(cause instanceof S3Error) || cause.code !== 'MalformedXML') throw cause
    throw malformed(dialect, cause)
  }
}

/** The error for a document that is well formed but does not say what it has to. */
export function malformed(dialect: Dialect, cause?: unknown): S3Error {
  return s3Error(dialect.rgwExtensions ? 'InvalidArgument' : 'MalformedXML', {}, { cause })
}
