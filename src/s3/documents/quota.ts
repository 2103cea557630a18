import { s3Error } from '../../errors.ts'
import type { Quota } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { buildDocument } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

const ROOT = 'QuotaConfiguration'
const ELEMENTS: ReadonlySet<string> = new Set(['Enabled', 'MaxSizeKb', 'MaxObjects'])
const UNLIMITED = -1
const KIB = 1024

/**
 * ZOS's QuotaConfiguration. A limit that is left out, or -1, is none; 0 is not allowed, and neither is an enabled quota
 * without any limit.
 * @throws S3Error InvalidArgument; to AWS and IBM MalformedXML for what is no such document
 */
export function readQuota(document: Buffer, dialect: Dialect): Quota {
  const root = readBucketDocument(document, { root: ROOT, dialect })
  const names = root.children().map((element) => element.name)
  if (names.some((name) => !ELEMENTS.has(name)) || new Set(names).size < names.length) throw malformed(dialect)
  const enabled = root.child('Enabled')?.text.trim().toLowerCase()
  if (enabled !== 'true' && enabled !== 'false') throw malformed(dialect)
  const maxKib = readLimit(root, 'MaxSizeKb')
  const maxObjects = readLimit(root, 'MaxObjects')
  if (enabled === 'true' && maxKib === undefined && maxObjects === undefined) {
    const message = 'An enabled quota limits the size or the number of objects'
    throw s3Error('InvalidArgument', { ArgumentName: 'Enabled', ArgumentValue: enabled }, { message })
  }
  return { enabled: enabled === 'true', maxBytes: maxKib === undefined ? undefined : maxKib * KIB, maxObjects }
}

function readLimit(root: XmlElement, name: 'MaxSizeKb' | 'MaxObjects'): number | undefined {
  const text = root.child(name)?.text.trim() ?? String(UNLIMITED)
  const limit = /^(?:-1|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
  if (limit === UNLIMITED) return undefined
  if (Number.isSafeInteger(limit * KIB)) return limit
  const message = `${name} is -1 or a number above 0`
  throw s3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: text }, { message })
}

/** A bucket without a quota of its own has one that is not enabled, as ZOS answers. */
export function quotaDocument(quota: Quota | undefined): string {
  const { enabled = false, maxBytes, maxObjects } = quota ?? {}
  return buildDocument(ROOT, {
    Enabled: enabled,
    // The admin API sets bytes: what is not a whole number of KiB is shown as the next one, as Ceph does.
    MaxSizeKb: maxBytes === undefined ? UNLIMITED : Math.ceil(maxBytes / KIB),
    MaxObjects: maxObjects ?? UNLIMITED,
  })
}
