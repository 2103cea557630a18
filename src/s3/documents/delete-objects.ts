import { PAGE_KEYS_MAX } from '../../domain/limits.ts'
import type { Conditions } from '../../domain/objects/conditions.ts'
import type { DeleteOutcome, DeleteTarget } from '../../domain/versions/delete-many.ts'
import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'

export interface DeleteDocument {
  /** Only failures are reported. */
  readonly quiet: boolean
  readonly targets: readonly DeleteTarget[]
}

/**
 * The `Delete` document of DeleteObjects.
 * @throws S3Error MalformedXML without an object, with more than 1000, or with one that has no key; NotImplemented for
 *   the preconditions of directory buckets
 */
export function readDelete(document: Buffer): DeleteDocument {
  const root = parseDocument(document, 'Delete')
  const objects = root.children('Object')
  if (objects.length === 0 || objects.length > PAGE_KEYS_MAX) throw s3Error('MalformedXML', { MaxKeys: PAGE_KEYS_MAX })
  const quiet = root.child('Quiet')?.text.trim().toLowerCase() === 'true'
  return { quiet, targets: objects.map(readTarget) }
}

function readTarget(object: XmlElement): DeleteTarget {
  const key = object.child('Key')?.text ?? ''
  if (key === '') throw s3Error('MalformedXML')
  for (const name of ['LastModifiedTime', 'Size']) {
    if (object.child(name) !== undefined) throw s3Error('NotImplemented', { Element: name })
  }
  const versionId = object.child('VersionId')?.text.trim()
  return { key, versionId: versionId === '' ? undefined : versionId, conditions: readETag(object.child('ETag')) }
}

function readETag(element: XmlElement | undefined): Conditions {
  const etag = element?.text.trim()
  if (etag === undefined || etag === '') return {}
  return { ifMatch: etag === '*' ? '*' : [etag.replace(/^"|"$/g, '')] }
}

/** `DeleteResult`. */
export function deleteResult(
  { quiet, targets }: DeleteDocument,
  { outcomes, dialect }: { outcomes: readonly DeleteOutcome[]; dialect: Dialect },
): string {
  // The deletions first, then the failures: S3 and RGW promise no order, and neither keeps the request's.
  const deleted: XmlContent[] = []
  const failed: XmlContent[] = []
  for (const [index, outcome] of outcomes.entries()) {
    const target = targets[index]
    if (target === undefined) continue
    if ('error' in outcome) failed.push(failedElement(target, outcome, dialect))
    else if (!quiet) deleted.push(deletedElement(target, outcome))
  }
  return buildDocument('DeleteResult', { Deleted: deleted, Error: failed })
}

function deletedElement(
  { key, versionId }: DeleteTarget,
  { deleted }: Extract<DeleteOutcome, { deleted: unknown }>,
): XmlContent {
  const { deleteMarker, versionId: affected } = deleted
  return {
    Key: key,
    VersionId: versionId,
    DeleteMarker: deleteMarker ? true : undefined,
    DeleteMarkerVersionId: deleteMarker ? affected : undefined,
  }
}

function failedElement(
  { key, versionId }: DeleteTarget,
  { error }: Extract<DeleteOutcome, { error: unknown }>,
  dialect: Dialect,
): XmlContent {
  return { Key: key, VersionId: versionId, Code: dialect.wireError(error).code, Message: error.message }
}
