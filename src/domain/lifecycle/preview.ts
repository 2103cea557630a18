import { setImmediate } from 'node:timers/promises'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import { announcedAbort } from './announce.ts'
import { decide, type LifecycleAction, type Terms } from './plan.ts'
import { firstPosition, type Hit, type Page, scanPage } from './scan.ts'
import { termsOf } from './state.ts'
import { verify } from './verify.ts'

/** What a run would do now to one version or upload. */
export interface Preview {
  readonly action: LifecycleAction | 'abort-upload'
  readonly key: string
  readonly versionId?: string
  readonly uploadId?: string
  /** Of a transition. */
  readonly storageClass?: string
  readonly ruleId: string
  readonly dueMs: number
}

/** Rows that one transaction looks at, between which others have their turn. */
const PAGE_ROWS = 200

/**
 * What a run of a bucket's rules would do now, to at most `limit` versions and uploads; nothing is changed. A delete
 * marker that such a run would leave alone behind it is not foreseen.
 * @throws the signal's reason
 */
export async function preview(
  services: Pick<Services, 'metadata' | 'clock' | 'dayMs'>,
  bucket: BucketRow,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<{ actions: Preview[]; scanned: number; isTruncated: boolean }> {
  const terms = termsOf(bucket, services.dayMs)
  const nowMs = services.clock.now()
  const actions: Preview[] = []
  let scanned = 0
  let left = limit
  let position: Page['next'] = terms === undefined ? undefined : firstPosition(terms)
  while (terms !== undefined && position !== undefined && left > 0) {
    signal.throwIfAborted()
    const request = { bucket, terms, position, nowMs, rowsMax: PAGE_ROWS, hitsMax: left }
    const { page, found } = await services.metadata.read(async (tx) => {
      const page: Page = await scanPage(tx, request)
      const found: Preview[] = []
      for (const hit of page.hits) found.push(...(await previewOf(tx, hit, { bucket, terms, nowMs })))
      return { page, found }
    })
    actions.push(...found)
    left -= page.hits.length
    scanned += page.scanned
    position = page.next
    await setImmediate()
  }
  return { actions, scanned, isTruncated: position !== undefined }
}

async function previewOf(
  tx: ReadTransaction,
  hit: Hit,
  context: { bucket: BucketRow; terms: Terms; nowMs: number },
): Promise<Preview[]> {
  const { bucket, terms, nowMs } = context
  const { key } = hit
  if (hit.kind === 'upload') {
    const { uploadId } = hit
    const upload = await tx.uploads.find({ uploadId, bucketId: bucket.id, key })
    const { rules } = terms.configuration
    const due = upload?.state === 'open' ? announcedAbort(rules, upload, terms.dayMs) : undefined
    return due === undefined ? [] : [{ action: 'abort-upload', key, uploadId, ...due }]
  }
  const found = await verify(tx, hit, context)
  if (found === undefined) return []
  const { row, place, planned } = found
  const { versionId } = row
  const { action, rule, dueMs } = planned
  const first = { action, key, versionId, ruleId: rule.id, dueMs }
  if (planned.action !== 'transition') return [first]
  const { storageClass } = planned
  // What comes behind a transition.
  const next = decide(terms, { ...row, storageClass, tags: row.attributes.tags, place }, nowMs)
  const moved = { ...first, storageClass }
  if (next === undefined) return [moved]
  return [moved, { action: next.action, key, versionId, ruleId: next.rule.id, dueMs: next.dueMs }]
}
