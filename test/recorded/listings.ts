import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedVersion } from '../../src/storage/metadata/rows.ts'

/** An answer of Ceph RGW 16.2.15 (one node, zonegroup `default`), as recorded over loopback. */
export interface RecordedListing {
  readonly case: string
  readonly target: string
  readonly body: string
}

export const RECORDED_LISTINGS: readonly RecordedListing[] = readFileSync(
  join(import.meta.dirname, 'listings.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedListing)

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
