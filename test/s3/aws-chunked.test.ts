import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { S3Error } from '../../src/errors.ts'
import { ChunkedDecoder, type ChunkedOptions } from '../../src/s3/aws-chunked.ts'
import { HmacKey } from '../../src/s3/signature/hmac.ts'
import type { ChunkSeed } from '../../src/s3/signature/payload-auth.ts'
import { type ChunkedMode, chunkPieces, signingKeyV4 } from '../support/sign.ts'
import { codeOf, EXAMPLE_KEY } from '../support/wire-head.ts'

const SCOPE = { region: 'us-east-1', service: 's3' }
const seed = (signature: string): ChunkSeed => ({
  signature,
  signingKey: new HmacKey(signingKeyV4(EXAMPLE_KEY.secretKey, { ...SCOPE, day: '20130524' })),
  scope: '20130524/us-east-1/s3/aws4_request',
  date: '20130524T000000Z',
})

const SEED = 'ab'.repeat(32)
const BY = { seed: SEED, secretKey: EXAMPLE_KEY.secretKey, ...SCOPE, date: new Date('2013-05-24T00:00:00Z') }

function options(changes: Partial<ChunkedOptions>): ChunkedOptions {
  const rest = { accessKey: 'AK', announced: [], signedTrailer: false }
  return { sizeBytes: 0, seed: undefined, ...rest, ...changes }
}

/** Decodes what comes in these pieces. */
function decode(pieces: readonly Buffer[], given: ChunkedOptions): { data: Buffer; trailers: Map<string, string> } {
  const data: Buffer[] = []
  // Copies, because nothing promises that a view of the input lasts.
  const decoder = new ChunkedDecoder(given, (bytes) => data.push(Buffer.from(bytes)))
  for (const piece of pieces) decoder.push(piece)
  decoder.end()
  return { data: Buffer.concat(data), trailers: decoder.trailers }
}

const DATA = Buffer.alloc(66_560, 'a')
const FIRST = DATA.subarray(0, 65_536)
const SECOND = DATA.subarray(65_536)

describe("AWS's published chunked uploads", () => {
  /** "Transferring Payload in Multiple Chunks" */
  const signed = options({
    sizeBytes: 66_560,
    seed: seed('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'),
  })
  const pieces = [
    Buffer.from('10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n'),
    FIRST,
    Buffer.from('\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n'),
    SECOND,
    Buffer.from('\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n'),
  ]

  it('signed chunks', () => {
    expect(decode(pieces, signed).data.equals(DATA)).toBe(true)
  })

  it('signed chunks, vandalised', () => {
    for (let index = 0; index < pieces.length; index += 1) {
      const piece = Buffer.from(pieces[index]!)
      const at = index % 2 === 0 ? piece.indexOf('=') + 1 : piece.length - 1
      piece[at] = piece[at]! ^ 1
      expect(
        codeOf(() => decode(pieces.with(index, piece), signed)),
        `piece ${index}`,
      ).toBe('SignatureDoesNotMatch')
    }
    const other = { ...signed, seed: seed(SEED) }
    expect(codeOf(() => decode(pieces, other))).toBe('SignatureDoesNotMatch')
  })

  /** "Signature calculations for trailing headers" */
  const withTrailer = options({
    sizeBytes: 66_560,
    seed: seed('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'),
    signedTrailer: true,
    announced: ['x-amz-checksum-crc32c'],
  })
  const trailing = [
    Buffer.from('10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n'),
    FIRST,
    Buffer.from('\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n'),
    SECOND,
    Buffer.from('\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n'),
    Buffer.from('x-amz-checksum-crc32c:sOO8/Q==\r\n'),
    Buffer.from('x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n'),
  ]

  it('signed chunks with a signed trailer', () => {
    const { data, trailers } = decode(trailing, withTrailer)
    expect(data.equals(DATA)).toBe(true)
    expect([...trailers]).toEqual([['x-amz-checksum-crc32c', 'sOO8/Q==']])
  })

  it('signed chunks with a signed trailer, vandalised', () => {
    const changed = trailing.with(5, Buffer.from('x-amz-checksum-crc32c:sOO8/g==\r\n'))
    expect(codeOf(() => decode(changed, withTrailer))).toBe('SignatureDoesNotMatch')
    const unsigned = trailing.with(6, Buffer.from('\r\n'))
    expect(codeOf(() => decode(unsigned, withTrailer))).toBe('MalformedTrailerError')
    const missing = trailing.with(5, Buffer.alloc(0))
    expect(codeOf(() => decode(missing, withTrailer))).toBe('MalformedTrailerError')
    const behind = [
      ...trailing.slice(0, 5),
      Buffer.from(String(trailing[6]).trimEnd()),
      Buffer.from('\r\n'),
      trailing[5]!,
    ]
    expect(codeOf(() => decode([...behind, Buffer.from('\r\n')], withTrailer))).toBe('MalformedTrailerError')
  })
})

const CRC = { 'x-amz-checksum-crc32': 'AAAAAA==' }

/** A body of each mode, and the options that decode it. */
function example(mode: ChunkedMode, data: Buffer, chunkBytes: number) {
  const trailers = mode === 'signed' ? {} : CRC
  const pieces = chunkPieces({ data, mode, chunkBytes, trailers }, BY)
  const given = options({
    sizeBytes: data.length,
    seed: mode === 'unsigned-trailer' ? undefined : seed(SEED),
    signedTrailer: mode === 'signed-trailer',
    announced: Object.keys(trailers),
  })
  return { pieces, given }
}

const MODES: readonly ChunkedMode[] = ['signed', 'signed-trailer', 'unsigned-trailer']

describe.each(MODES)('%s', (mode) => {
  const data = randomBytes(3000)

  it('gives the same for every cut of the same bytes', () => {
    for (const chunkBytes of [1, 7, 1000, 2999, 3000, 5000]) {
      const size = chunkBytes === 1 ? 50 : 3000
      const { pieces, given } = example(mode, data.subarray(0, size), chunkBytes)
      const whole = Buffer.concat(pieces)
      for (let round = 0; round < 40; round += 1) {
        const cuts: Buffer[] = []
        const longest = 1 + (round % 20) ** 2
        for (let at = 0; at < whole.length; ) {
          const length = round === 0 ? 1 : 1 + Math.floor(Math.random() * longest)
          cuts.push(whole.subarray(at, at + length))
          at += length
        }
        const result = decode(cuts, given)
        expect(result.data.equals(data.subarray(0, size))).toBe(true)
        expect([...result.trailers]).toEqual(mode === 'signed' ? [] : Object.entries(CRC))
      }
    }
  })

  it('takes an empty body', () => {
    const { pieces, given } = example(mode, Buffer.alloc(0), 10)
    expect(decode(pieces, given).data.length).toBe(0)
  })

  it('cut short anywhere is incomplete', () => {
    const { pieces, given } = example(mode, data.subarray(0, 100), 40)
    const whole = Buffer.concat(pieces)
    for (let length = 0; length < whole.length; length += 1) {
      expect(
        codeOf(() => decode([whole.subarray(0, length)], given)),
        `${length}`,
      ).toBe('IncompleteBody')
    }
    decode([whole], given)
  })

  it('must have the announced length', () => {
    const { pieces, given } = example(mode, data, 1000)
    expect(codeOf(() => decode(pieces, { ...given, sizeBytes: 3001 }))).toBe('IncompleteBody')
    expect(codeOf(() => decode(pieces, { ...given, sizeBytes: 2999 }))).toBe('InvalidRequest')
    expect(codeOf(() => decode([...pieces, Buffer.from('x')], given))).toBe('InvalidRequest')
    decode(pieces, given)
  })

  it('answers any damage with an S3Error, and never passes damaged data to the end where chunks are signed', () => {
    const { pieces, given } = example(mode, data.subarray(0, 300), 100)
    const whole = Buffer.concat(pieces)
    for (let round = 0; round < 1500; round += 1) {
      const damaged = Buffer.from(whole)
      const at = Math.floor(Math.random() * damaged.length)
      damaged[at] = damaged[at]! ^ (1 << Math.floor(Math.random() * 8))
      let result: Buffer | undefined
      try {
        result = decode([damaged], given).data
      } catch (error) {
        expect(error).toBeInstanceOf(S3Error)
      }
      if (result !== undefined && mode !== 'unsigned-trailer') expect(result.equals(data.subarray(0, 300))).toBe(true)
    }
  })

  it('answers garbage with an S3Error', () => {
    const { given } = example(mode, data, 100)
    const alphabet = '0123456789abcdef;=\r\n\r\n:chunk-signature'
    for (let round = 0; round < 1000; round += 1) {
      const noise = Array.from(randomBytes(60), (byte) => alphabet[byte % alphabet.length]).join('')
      for (const bytes of [randomBytes(200), Buffer.from(noise)]) {
        expect(() => decode([bytes], given)).toThrow(S3Error)
      }
    }
  })
})

describe('limits and framing', () => {
  const plain = (text: string, changes: Partial<ChunkedOptions> = {}) =>
    decode([Buffer.from(text)], options({ sizeBytes: 5, ...changes }))

  it('takes extensions, upper-case sizes, leading zeros, and bare line feeds', () => {
    expect(String(plain('0005;a=b;c\r\nhello\r\n0\r\n\r\n').data)).toBe('hello')
    expect(String(plain('5\nhello\n0\n\n').data)).toBe('hello')
    const ten = Buffer.alloc(10, 'x')
    expect(plain(`A\r\n${ten}\r\n0\r\n\r\n`, { sizeBytes: 10 }).data.equals(ten)).toBe(true)
  })

  it.each(['', ' ', '-1', '0x5', '5 ', 'g', '+5', '5.0', '12345678901234'])('refuses the size "%s"', (size) => {
    expect(codeOf(() => plain(`${size}\r\nhello\r\n0\r\n\r\n`))).toBe('InvalidRequest')
    plain('5\r\nhello\r\n0\r\n\r\n')
  })

  it('refuses a chunk that is longer than its size', () => {
    expect(codeOf(() => plain('4\r\nhello\r\n0\r\n\r\n'))).toBe('InvalidRequest')
  })

  it('bounds a line, however slowly it comes', () => {
    const decoder = new ChunkedDecoder(options({}), () => undefined)
    const drip = () => {
      for (let count = 0; count < 2000; count += 1) decoder.push(Buffer.from('0'))
    }
    expect(codeOf(drip)).toBe('InvalidRequest')
    expect(codeOf(() => plain(`5;${'x'.repeat(1025)}\r\nhello\r\n0\r\n\r\n`))).toBe('InvalidRequest')
    plain(`5;${'x'.repeat(1000)}\r\nhello\r\n0\r\n\r\n`)
  })

  it('takes only trailers that were announced, once each, and all of them', () => {
    const announced = ['x-amz-checksum-crc32', 'x-amz-checksum-sha256']
    const trailer = (lines: string) => plain(`5\r\nhello\r\n0\r\n${lines}\r\n`, { announced })
    const both = 'X-Amz-Checksum-Crc32: a \r\nx-amz-checksum-sha256:b:c\r\n'
    expect([...trailer(both).trailers]).toEqual([
      ['x-amz-checksum-crc32', 'a'],
      ['x-amz-checksum-sha256', 'b:c'],
    ])
    for (const lines of [
      'x-amz-checksum-crc32:a\r\n',
      `${both}x-amz-meta-a:1\r\n`,
      `${both}x-amz-checksum-crc32:a\r\n`,
      `${both}junk\r\n`,
      `${both}:junk\r\n`,
      '',
    ]) {
      expect(
        codeOf(() => trailer(lines)),
        lines,
      ).toBe('MalformedTrailerError')
    }
    const many = Array.from({ length: 40 }, (_, index) => `x-amz-meta-${index}`)
    const lines = many.map((name) => `${name}:1\r\n`).join('')
    const bounded = () => plain(`5\r\nhello\r\n0\r\n${lines}\r\n`, { announced: many })
    expect(codeOf(bounded)).toBe('MalformedTrailerError')
  })

  it('hands data on as it comes, without waiting for a chunk to end', () => {
    const seen: number[] = []
    const size = 1_000_000
    const decoder = new ChunkedDecoder(options({ sizeBytes: size }), (bytes) => seen.push(bytes.length))
    decoder.push(Buffer.from(`${size.toString(16)}\r\n`))
    for (let count = 0; count < 10; count += 1) decoder.push(Buffer.alloc(1000))
    expect(seen).toEqual(Array(10).fill(1000))
  })

  it('hands on views of the input, not copies', () => {
    const bytes = Buffer.from('5\r\nhello\r\n0\r\n\r\n')
    const views: Buffer[] = []
    new ChunkedDecoder(options({ sizeBytes: 5 }), (view) => views.push(view)).push(bytes)
    expect(views[0]?.buffer).toBe(bytes.buffer)
    expect(createHash('md5').update(views[0]!).digest('hex')).toBe('5d41402abc4b2a76b9719d911017c592')
  })
})
