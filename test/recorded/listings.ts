import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedVersion } from '../../src/storage/metadata/rows.ts'

/** An answer of Ceph RGW 16.2.15 (one node, zonegroup `default`), as recorded over loopback. */
export interface RecordedListing {
  readonly case: string
  readonly target: string
  readonly body: string
}

interface RecordedLine {
  readonly case: string
  readonly url: string
  readonly status: number
  readonly response_body?: string | null
}

/** Of all that was recorded, the listings and what is printed beside them. */
const LISTED = /^(list|service|versioning|bucket\.location)/
/** In an order of RGW's own. */
const UNORDERED = 'list.v1.allow_unordered'

export const RECORDED_LISTINGS: readonly RecordedListing[] = readFileSync(
  join(import.meta.dirname, 'rgw-16.2.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedLine)
  .filter((line) => LISTED.test(line.case) && line.status === 200 && line.case !== UNORDERED)
  .map((line) => ({ case: line.case, target: targetOf(line.url), body: line.response_body ?? '' }))

function targetOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

export function recordedListing(name: string): RecordedListing {
  const found = RECORDED_LISTINGS.find((one) => one.case === name)
  if (found === undefined) throw new Error(`${name} has not been recorded`)
  return found
}

/** The rows that a recorded listing shows. Ids grow towards the newest version, as the store gives them. */
export function rowsOf(name: string): ListedVersion[] {
  const { body } = recordedListing(name)
  const isEncoded = body.includes('<EncodingType>url')
  const blocks = [...body.matchAll(/<(Contents|Version|DeleteMarker)>(.*?)<\/\1>/g)]
  return blocks.map(([, element, block = ''], at) => {
    const text = (tag: string): string => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(block)?.[1] ?? ''
    const key = unescaped(text('Key'))
    return {
      id: blocks.length - at,
      key: isEncoded ? decodeURIComponent(key) : key,
      versionId: text('VersionId') || 'null',
      isLatest: text('IsLatest') !== 'false',
      kind: element === 'DeleteMarker' ? 'delete-marker' : 'object',
      lastModifiedMs: Date.parse(text('LastModified')),
      ownerId: text('ID') || 'testid',
      sizeBytes: Number(text('Size')),
      etag: text('ETag').replaceAll('&quot;', ''),
      storageClass: text('StorageClass'),
      appends: 0,
      checksum: undefined,
    }
  })
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|(\w+));/g, (whole, hex?: string, name = '') =>
    hex === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number.parseInt(hex, 16)),
  )
}
