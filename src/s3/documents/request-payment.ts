import type { Dialect } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

const ROOT = 'RequestPaymentConfiguration'

/** Who pays for requests: the bucket's owner unless it was put otherwise. */
export type Payer = 'BucketOwner' | 'Requester'

/** @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS) */
export function readRequestPayment(document: Buffer, dialect: Dialect): Payer {
  const root = readBucketDocument(document, { root: ROOT, dialect })
  const payer = root.child('Payer')?.text.trim()
  if (root.children().length !== 1 || (payer !== 'BucketOwner' && payer !== 'Requester')) throw malformed(dialect)
  return payer
}

export function requestPaymentDocument(payer: Payer): string {
  return buildDocument(ROOT, { Payer: payer })
}
