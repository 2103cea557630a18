// What differs between a recorded answer and ours, after everything that differs between two runs of one server.

export interface Exchange {
  readonly case: string
  readonly status: number
  readonly response_headers?: readonly (readonly [name: string, value: string])[]
  readonly response_body?: string | null
}

/** Ids, dates, generated names; and the texts of messages, which are for people and mostly empty in the recordings. */
const NORMALISED: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/tx[0-9a-f]{21}-[0-9a-f]{10}-[0-9a-f]+-\w+/g, 'REQUEST-ID'],
  [/<RequestId>[0-9a-f-]{36}\.\d+\.\d+/g, '<RequestId>REQUEST-ID'],
  [/<HostId>[^<]*/g, '<HostId>HOST'],
  [/HostId: [\w-]+/g, 'HostId: HOST'],
  [/<Message>[^<]*<\/Message>/g, '<Message></Message>'],
  [/"Message":"[^"]*"/g, '"Message":""'],
  [/"HostId":"[\w-]*"/g, '"HostId":"HOST"'],
  [/<AWSAccessKeyId>.*?(?=<BucketName>|<RequestId>)/gs, ''],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'ISO-DATE'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'HTTP-DATE'],
  [/2~[\w.~-]{20,}/g, 'UPLOAD-ID'],
  [/(?<=VersionIdMarker>|<VersionId>|<DeleteMarkerVersionId>)[\w.-]{20,}/g, 'VERSION-ID'],
  [/(?<=<ID>|rule-id=")[a-z0-9]{48}(?=<|")/g, 'RULE-ID'],
  [/127\.0\.0\.1:\d+|localhost(?::\d+)?/g, 'HOST'],
]

/** Headers whose values are of one run, and those of the connection. */
const VOLATILE = new Set(['date', 'x-amz-request-id', 'last-modified', 'x-amz-version-id'])
const IGNORED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

export function differences(theirs: Exchange, ours: Exchange): string[] {
  const found: string[] = []
  if (theirs.status !== ours.status) found.push(`status ${theirs.status} → ${ours.status}`)
  const [before, after] = [headers(theirs), headers(ours)]
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [expected, actual] = [before.get(name), after.get(name)]
    const same = VOLATILE.has(name) ? (expected === undefined) === (actual === undefined) : expected === actual
    if (!same) found.push(`${name}: ${expected} → ${actual}`)
  }
  const [body, ownBody] = [normalised(theirs.response_body ?? ''), normalised(ours.response_body ?? '')]
  if (body !== ownBody) found.push(`body ${body}\n     → ${ownBody}`)
  return found
}

function headers(exchange: Exchange): Map<string, string> {
  const all = exchange.response_headers ?? []
  const named = all.map(([name, value]) => [name.toLowerCase(), normalised(value)] as const)
  return new Map(named.filter(([name]) => !IGNORED.has(name)))
}

function normalised(text: string): string {
  return NORMALISED.reduce((result, [pattern, name]) => result.replace(pattern, name), text)
}
