/** Which events of an inbox are meant; all that is given has to hold. */
export interface InboxMatch {
  /** `ObjectCreated`, `ObjectCreated:*`, `ObjectCreated:Put`, each also with `s3:` before it. */
  readonly event?: string
  readonly topic?: string
  readonly bucket?: string
  readonly key?: string
  readonly prefix?: string
  readonly suffix?: string
}

const TEXTS = ['event', 'topic', 'bucket', 'key', 'prefix', 'suffix'] as const

/** What the matching looks at: of the document's first record, because RGW sends one in each. */
export interface Matchable {
  readonly topic: string
  readonly event: string
  readonly bucket: string
  readonly key: string
}

/** The empty text for what a document does not have: then only an empty match matches. */
export function matchableOf(topic: string, document: unknown): Matchable {
  const record = at(at(document, 'Records'), 0)
  const s3 = at(record, 's3')
  return {
    topic,
    event: textOf(at(record, 'eventName')),
    bucket: textOf(at(at(s3, 'bucket'), 'name')),
    key: textOf(at(at(s3, 'object'), 'key')),
  }
}

export function isMatch(match: InboxMatch, facts: Matchable): boolean {
  const { event, topic, bucket, key, prefix, suffix } = match
  return (
    (event === undefined || isEvent(event, facts.event)) &&
    (topic === undefined || facts.topic === topic) &&
    (bucket === undefined || facts.bucket === bucket) &&
    (key === undefined || facts.key === key) &&
    (prefix === undefined || facts.key.startsWith(prefix)) &&
    (suffix === undefined || facts.key.endsWith(suffix))
  )
}

/**
 * The text form: `ObjectCreated:*,prefix=x/,bucket=photos`. A part without a name is an event; values are
 * percent-encoded where they hold a comma or a percent sign. Undefined for what cannot be read.
 */
export function parseMatch(text: string): InboxMatch | undefined {
  const match: Partial<Record<(typeof TEXTS)[number], string>> = {}
  for (const part of text.split(',').filter((some) => some !== '')) {
    const [, name = 'event', value = ''] = /^(?:([a-z]+)=)?(.*)$/s.exec(part) ?? []
    const known = TEXTS.find((candidate) => candidate === name)
    const plain = decoded(value)
    if (known === undefined || plain === undefined || match[known] !== undefined) return undefined
    match[known] = plain
  }
  return match
}

function isEvent(wanted: string, name: string): boolean {
  const family = bare(wanted).replace(/:\*$/, '')
  return bare(name) === family || bare(name).startsWith(`${family}:`) || family === '*'
}

function bare(name: string): string {
  return name.replace(/^s3:/, '')
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
