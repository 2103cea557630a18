import { Readable } from 'node:stream'
import { authorize } from '../domain/access/authorize.ts'
import type { Petition } from '../domain/access/hearing.ts'
import { findObject, openObject } from '../domain/objects/read.ts'
import type { Services } from '../domain/services.ts'
import type { Asked } from '../domain/website/routing.ts'
import { S3Error } from '../errors.ts'
import type { Dialect } from '../s3/dialect.ts'
import { absentError } from '../s3/headers/absent.ts'
import { readConditions } from '../s3/headers/conditions.ts'
import { uriText } from '../s3/headers/location.ts'
import { readRange } from '../s3/headers/range.ts'
import { type ObjectQuery, objectResponse } from '../s3/headers/read-object.ts'
import type { RequestHead } from '../s3/request.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import type { WebsiteConfiguration } from '../storage/metadata/settings.ts'
import type { Exchange } from './exchange.ts'
import type { Answer } from './reply.ts'

/** One request for a website's page. */
export interface Visit {
  readonly services: Services
  readonly dialect: Dialect
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly petition: Petition
  readonly bucket: BucketRow
  readonly website: WebsiteConfiguration
  readonly asked: Asked
}

/** What a visitor asks of the page that he named: conditions and a range. Parameters of the query mean nothing here. */
export function visitorsQuery({ head, dialect }: Visit, key: string): ObjectQuery {
  const range = readRange(head)
  return {
    ...plainQuery(key),
    conditions: readConditions(head, dialect),
    selection: range === undefined ? { kind: 'whole' } : { kind: 'range', range },
  }
}

/** For pages that the visitor did not name. */
export function plainQuery(key: string): ObjectQuery {
  return {
    key,
    versionId: undefined,
    conditions: {},
    selection: { kind: 'whole' },
    checksums: false,
    customerKey: undefined,
  }
}

/**
 * A page as GetObject has it, or where the object itself sends its readers.
 * @throws S3Error AccessDenied, NoSuchKey, PreconditionFailed, InvalidRange
 */
export async function readPage(visit: Visit, query: ObjectQuery): Promise<Answer> {
  const { services, dialect, exchange, head, bucket, petition } = visit
  const { tenant, name, id: bucketId } = bucket
  const permissions = [{ action: 's3:GetObject', tenant, bucket: name, key: query.key }] as const
  const authorization = await authorize(services, { ...petition, permissions, bucket: { tenant, name } })
  const { assertStillGranted: assertGranted } = authorization
  const request = { ...query, bucketId, offer: { key: undefined, rules: dialect.encryption }, assertGranted }
  const { found, body } =
    head.method === 'HEAD'
      ? { found: await findObject(services, request), body: undefined }
      : await openObject(services, request, exchange)
  if (found.kind === 'absent') throw absentError(dialect, { ...query, marker: found.marker })
  const elsewhere = found.version.attributes.websiteRedirectLocation
  if (elsewhere !== undefined) {
    dropBody({ body })
    const ranges = dialect.rgwExtensions ? 'bytes' : undefined
    // In RGW's order (recorded: website.serve.object_redirect).
    return {
      status: 301,
      headers: [
        ['Accept-Ranges', ranges],
        ['Location', uriText(elsewhere)],
      ],
    }
  }
  // A page is read by strangers, who may not ask for its lock.
  const { retention: _retention, legalHold: _legalHold, ...attributes } = found.version.attributes
  const shown = { ...found, version: { ...found.version, attributes } }
  const { status = 200, headers } = objectResponse(shown, { query, dialect, overrides: {} })
  return body === undefined ? { status, headers } : { status, headers, body }
}

/** Nothing there, or nothing that the visitor may hear of. */
export function isAbsent(cause: unknown): cause is S3Error {
  return cause instanceof S3Error && (cause.code === 'NoSuchKey' || cause.code === 'AccessDenied')
}

/** For a page that is not shown after all. */
export function dropBody({ body }: Pick<Answer, 'body'>): void {
  if (body instanceof Readable) body.destroy()
}
