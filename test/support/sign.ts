import { createHash, createHmac } from 'node:crypto'

// The other side of the signatures: what a client does, written from the published rules and from nothing in src/, so
// that a mistake in the server's canonical forms cannot hide behind the same mistake here.

export interface SignRequest {
  readonly method: string
  /** A URL, or the exact parts: `path` and `query` as they are sent (encoded), the query without `?`. */
  readonly url: URL | { readonly host: string; readonly path: string; readonly query?: string }
  readonly headers?: Readonly<Record<string, string>>
  /** A Buffer is hashed; a string is the literal payload hash, such as UNSIGNED-PAYLOAD; undefined is an empty body. */
  readonly body?: Buffer | string | undefined
}

export interface SignKey {
  readonly accessKey: string
  readonly secretKey: string
}

export interface SignOptionsV4 {
  /** Default us-east-1. */
  readonly region?: string
  /** Default s3. */
  readonly service?: string
  /** Default now. */
  readonly date?: Date
  /** Default true: send (and sign) x-amz-content-sha256. False signs the hash without sending it. */
  readonly sendHash?: boolean
  /** Header names in lower case that are sent but not signed. */
  readonly unsigned?: readonly string[]
  /** Sent instead of x-amz-date if true: the Date header. */
  readonly useDateHeader?: boolean
  /** The path that is signed, where it differs from the one that is sent. */
  readonly signPath?: string
}

interface Parts {
  readonly host: string
  readonly path: string
  readonly query: string
}

function partsOf(url: SignRequest['url']): Parts {
  if (url instanceof URL) return { host: url.host, path: url.pathname, query: url.search.slice(1) }
  return { host: url.host, path: url.path, query: url.query ?? '' }
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest()
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** AWS's UriEncode: everything but A-Z a-z 0-9 - . _ ~ */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A key as the path of a request: every segment encoded, the slashes kept. */
export function encodePath(path: string): string {
  return path.split('/').map(uriEncode).join('/')
}

/** A query string from names and values; an undefined value gives a bare name. */
export function encodeQuery(query: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(query)
    .map(([name, value]) => (value === undefined ? uriEncode(name) : `${uriEncode(name)}=${uriEncode(value)}`))
    .join('&')
}

function canonicalQuery(raw: string): string {
  const pairs = raw
    .split('&')
    .filter((piece) => piece !== '')
    .map((piece): [string, string] => {
      const equals = piece.indexOf('=')
      const name = equals < 0 ? piece : piece.slice(0, equals)
      const value = equals < 0 ? '' : piece.slice(equals + 1)
      return [uriEncode(decodeURIComponent(name)), uriEncode(decodeURIComponent(value))]
    })
    .sort(([a, x], [b, y]) => Buffer.compare(Buffer.from(`${a}\0${x}`), Buffer.from(`${b}\0${y}`)))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function squeeze(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '').replace(/[ \t]+/g, ' ')
}

/** 20130524T000000Z */
export function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

export function signingKeyV4(secretKey: string, scope: { day: string; region: string; service: string }): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secretKey}`, scope.day), scope.region), scope.service), 'aws4_request')
}

interface CanonicalV4 {
  readonly request: SignRequest
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly payloadHash: string
}

function canonicalV4({ request, path, query, headers, payloadHash }: CanonicalV4): { text: string; names: string } {
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${squeeze(headers[name] ?? '')}\n`).join('')
  const text = [request.method, path, canonicalQuery(query), lines, names.join(';'), payloadHash].join('\n')
  return { text, names: names.join(';') }
}

interface Scope {
  readonly region: string
  readonly service: string
  readonly date: Date
}

function scopeOf(options: SignOptionsV4): Scope {
  return { region: options.region ?? 'us-east-1', service: options.service ?? 's3', date: options.date ?? new Date() }
}

function scopeText({ region, service, date }: Scope): string {
  return `${amzDate(date).slice(0, 8)}/${region}/${service}/aws4_request`
}

function signatureV4(canonical: string, secretKey: string, scope: Scope): string {
  const stamp = amzDate(scope.date)
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${scopeText(scope)}\n${sha256(canonical)}`
  return hmac(signingKeyV4(secretKey, { ...scope, day: stamp.slice(0, 8) }), text).toString('hex')
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The headers to send, in lower case: the given ones, host, x-amz-date, x-amz-content-sha256 and authorization. */
export function signV4(request: SignRequest, key: SignKey, options: SignOptionsV4 = {}): Record<string, string> {
  const { host, path, query } = partsOf(request.url)
  const scope = scopeOf(options)
  const payloadHash = typeof request.body === 'string' ? request.body : sha256(request.body ?? '')
  const headers: Record<string, string> = { host, ...lowerCased(request.headers) }
  if (options.useDateHeader === true) headers['date'] = scope.date.toUTCString()
  else headers['x-amz-date'] ??= amzDate(scope.date)
  if (options.sendHash !== false) headers['x-amz-content-sha256'] ??= payloadHash
  const signed = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'content-length' && !options.unsigned?.includes(name)),
  )
  const signPath = options.signPath ?? path
  const canonical = canonicalV4({ request, path: signPath, query, headers: signed, payloadHash })
  const signature = signatureV4(canonical.text, key.secretKey, scope)
  const credential = `${key.accessKey}/${scopeText(scope)}`
  const claim = `Credential=${credential},SignedHeaders=${canonical.names},Signature=${signature}`
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${claim}` }
}

export interface Presigned {
  /** Path and query, to be sent as they are. */
  readonly target: string
  readonly query: string
  /** The headers that have to be sent with it. */
  readonly headers: Record<string, string>
}

export interface PresignOptionsV4 extends SignOptionsV4 {
  /** Default 3600. */
  readonly expiresSeconds?: number
  readonly securityToken?: string
}

export function presignV4(request: SignRequest, key: SignKey, options: PresignOptionsV4 = {}): Presigned {
  const { host, path, query } = partsOf(request.url)
  const scope = scopeOf(options)
  const headers: Record<string, string> = { host, ...lowerCased(request.headers) }
  const added = encodeQuery({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${key.accessKey}/${scopeText(scope)}`,
    'X-Amz-Date': amzDate(scope.date),
    'X-Amz-Expires': String(options.expiresSeconds ?? 3600),
    'X-Amz-SignedHeaders': Object.keys(headers).sort().join(';'),
    ...(options.securityToken === undefined ? {} : { 'X-Amz-Security-Token': options.securityToken }),
  })
  const unsigned = query === '' ? added : `${query}&${added}`
  const payloadHash = typeof request.body === 'string' ? request.body : 'UNSIGNED-PAYLOAD'
  const canonical = canonicalV4({ request, path: options.signPath ?? path, query: unsigned, headers, payloadHash })
  const signed = `${unsigned}&X-Amz-Signature=${signatureV4(canonical.text, key.secretKey, scope)}`
  return { target: `${path}?${signed}`, query: signed, headers }
}

/** Ceph's list of query parameters that are part of the resource; botocore's has others, see `subresources`. */
export const CEPH_SUBRESOURCES = [
  'acl cors delete encryption lifecycle location logging notification partNumber policy policyStatus',
  'publicAccessBlock requestPayment response-cache-control response-content-disposition tagging torrent uploads',
  'response-content-encoding response-content-language response-content-type response-expires uploadId versionId',
  'versioning versions website object-lock',
].flatMap((line) => line.split(' '))

export interface SignOptionsV2 {
  /** Default now. */
  readonly date?: Date
  /** The bucket of a virtual-host request, which the resource names although the path does not. */
  readonly bucket?: string
  readonly subresources?: readonly string[]
  /** The text of the date header where it is not an RFC 1123 date. */
  readonly dateText?: string
  /** Send x-amz-date instead of Date. */
  readonly useAmzDate?: boolean
}

interface CanonicalV2 {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly date: string
}

function signatureV2(secretKey: string, canonical: CanonicalV2, options: SignOptionsV2): string {
  const { method, path, query, headers, date } = canonical
  const wanted = options.subresources ?? CEPH_SUBRESOURCES
  const amz = Object.keys(headers)
    .filter((name) => name.startsWith('x-amz-'))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
    .join('')
  const parameters = query
    .split('&')
    .map((piece) => piece.split('='))
    .filter(([name = '']) => wanted.includes(name))
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
    .map(([name, ...value]) => (value.length === 0 ? name : `${name}=${decodeURIComponent(value.join('='))}`))
  const bucket = options.bucket === undefined ? '' : `/${options.bucket}`
  const resource = `${bucket}${path}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`
  const lines = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date, amz + resource]
  return createHmac('sha1', secretKey).update(lines.join('\n'), 'utf8').digest('base64')
}

/** The headers to send, in lower case: the given ones, host, date (or x-amz-date) and authorization. */
export function signV2(request: SignRequest, key: SignKey, options: SignOptionsV2 = {}): Record<string, string> {
  const { host, path, query } = partsOf(request.url)
  const headers: Record<string, string> = { host, ...lowerCased(request.headers) }
  const date = options.dateText ?? (options.date ?? new Date()).toUTCString()
  headers[options.useAmzDate === true ? 'x-amz-date' : 'date'] ??= date
  const dateLine = headers['x-amz-date'] === undefined ? (headers['date'] ?? '') : ''
  const canonical = { method: request.method, path, query, headers, date: dateLine }
  return { ...headers, authorization: `AWS ${key.accessKey}:${signatureV2(key.secretKey, canonical, options)}` }
}

export interface PresignOptionsV2 extends SignOptionsV2 {
  /** Default 3600. */
  readonly expiresSeconds?: number
}

export function presignV2(request: SignRequest, key: SignKey, options: PresignOptionsV2 = {}): Presigned {
  const { host, path, query } = partsOf(request.url)
  const headers: Record<string, string> = { host, ...lowerCased(request.headers) }
  const nowSeconds = Math.floor((options.date ?? new Date()).getTime() / 1000)
  const expires = String(nowSeconds + (options.expiresSeconds ?? 3600))
  const signature = signatureV2(key.secretKey, { method: request.method, path, query, headers, date: expires }, options)
  const added = encodeQuery({ AWSAccessKeyId: key.accessKey, Signature: signature, Expires: expires })
  const signed = query === '' ? added : `${query}&${added}`
  return { target: `${path}?${signed}`, query: signed, headers }
}

export type ChunkedMode = 'signed' | 'signed-trailer' | 'unsigned-trailer'

export interface ChunkedBody {
  readonly data: Buffer
  readonly mode: ChunkedMode
  /** Bytes of data per chunk; default 64 KiB. */
  readonly chunkBytes?: number
  /** Trailing headers, in lower case, in the order they are sent. */
  readonly trailers?: Readonly<Record<string, string>>
}

export interface ChunkedRequest {
  readonly headers: Record<string, string>
  readonly body: Buffer
  /** The body's pieces: one per chunk (header, data, line end), then the final chunk, then the trailer, if any. */
  readonly pieces: readonly Buffer[]
}

const PAYLOADS: Readonly<Record<ChunkedMode, string>> = {
  signed: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'signed-trailer': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'unsigned-trailer': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
}

/** A whole aws-chunked upload: the body, and signed headers with its lengths and x-amz-trailer. */
export function signChunkedV4(
  request: SignRequest,
  body: ChunkedBody,
  by: { readonly key: SignKey; readonly options?: SignOptionsV4 },
): ChunkedRequest {
  const scope = scopeOf(by.options ?? {})
  const trailers = Object.entries(body.trailers ?? {})
  const added: Record<string, string> = {
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': String(body.data.length),
    ...(trailers.length === 0 ? {} : { 'x-amz-trailer': trailers.map(([name]) => name).join(',') }),
  }
  const signed = signV4(
    { ...request, headers: { ...added, ...lowerCased(request.headers) }, body: PAYLOADS[body.mode] },
    by.key,
    { ...by.options, date: scope.date },
  )
  const seed = signed['authorization']?.slice(-64) ?? ''
  const pieces = chunkPieces(body, { seed, secretKey: by.key.secretKey, ...scope })
  const whole = Buffer.concat(pieces)
  return { headers: { ...signed, 'content-length': String(whole.length) }, body: whole, pieces }
}

/** The pieces of an aws-chunked body behind a request whose signature is `seed`. */
export function chunkPieces(
  body: ChunkedBody,
  by: { readonly seed: string; readonly secretKey: string } & Scope,
): Buffer[] {
  const stamp = amzDate(by.date)
  const signingKey = signingKeyV4(by.secretKey, { ...by, day: stamp.slice(0, 8) })
  const prefix = `${stamp}\n${scopeText(by)}\n`
  let previous = by.seed
  const chunkBytes = body.chunkBytes ?? 64 * 1024
  const pieces: Buffer[] = []
  for (let offset = 0; ; offset += chunkBytes) {
    const data = body.data.subarray(offset, offset + chunkBytes)
    let head = data.length.toString(16)
    if (body.mode !== 'unsigned-trailer') {
      const text = `AWS4-HMAC-SHA256-PAYLOAD\n${prefix}${previous}\n${sha256('')}\n${sha256(data)}`
      previous = hmac(signingKey, text).toString('hex')
      head += `;chunk-signature=${previous}`
    }
    // The final chunk has no line end of its own where a trailer follows.
    const end = data.length === 0 && body.mode !== 'signed' ? '' : '\r\n'
    pieces.push(Buffer.concat([Buffer.from(`${head}\r\n`), data, Buffer.from(end)]))
    if (data.length === 0) break
  }
  if (body.mode === 'signed') return pieces
  const lines = Object.entries(body.trailers ?? {}).map(([name, value]) => `${name}:${value}`)
  let trailer = lines.map((line) => `${line}\r\n`).join('')
  if (body.mode === 'signed-trailer') {
    const text = `AWS4-HMAC-SHA256-TRAILER\n${prefix}${previous}\n${sha256(lines.map((line) => `${line}\n`).join(''))}`
    trailer += `x-amz-trailer-signature:${hmac(signingKey, text).toString('hex')}\r\n`
  }
  pieces.push(Buffer.from(`${trailer}\r\n`))
  return pieces
}
