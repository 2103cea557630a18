import { Busboy } from '@fastify/busboy'
import { describe, expect, it } from 'vitest'
import { S3Error } from '../../../src/errors.ts'
import { FORM_BYTES_MAX, FormParser } from '../../../src/s3/form/parser.ts'
import { BOUNDARY, FORM_TYPE, formBody, type TestForm } from '../../support/form.ts'

interface Read {
  readonly fields: readonly (readonly [string, string])[]
  readonly filename: string | undefined
  readonly file: string | undefined
}

/** @param cut how many bytes come at a time */
function read(body: Buffer | string, cut = Number.POSITIVE_INFINITY): Read {
  const fields: [string, string][] = []
  const pieces: Buffer[] = []
  let filename: string | undefined
  let hasFile = false
  const parser = new FormParser(BOUNDARY, {
    field: (name, value) => void fields.push([name, value]),
    file: (given) => {
      hasFile = true
      filename = given
    },
    data: (bytes) => void pieces.push(Buffer.from(bytes)),
  })
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += cut) {
    // Sockets use their buffers again.
    const piece = Buffer.from(bytes.subarray(at, at + cut))
    parser.push(piece)
    piece.fill(0x5a)
  }
  parser.end()
  return { fields, filename, file: hasFile ? Buffer.concat(pieces).toString('latin1') : undefined }
}

function refusal(body: Buffer | string, cut?: number): string {
  try {
    read(body, cut)
  } catch (cause) {
    if (cause instanceof S3Error) return cause.code
    throw cause
  }
  return 'none'
}

const lines = (...text: string[]): string => text.join('\r\n')
const B = `--${BOUNDARY}`
const DISPOSITION = 'Content-Disposition: form-data; name='
const FILE = lines(B, `${DISPOSITION}"file"; filename="f.txt"`, '', 'hello', '')

describe('a sound form', () => {
  const fields = [
    ['key', 'a/b'],
    ['x-amz-meta-e', ''],
    ['long', 'x'.repeat(3000)],
    ['中', '文\r\nsecond line'],
  ] as const
  const body = formBody({ fields, file: 'hello', after: [['submit', 'Upload']] })
  const sound: Read = { fields, filename: 'f.txt', file: 'hello' }

  it('gives its fields, its file, and nothing of what follows', () => {
    expect(read(body)).toEqual(sound)
  })

  it('may be cut anywhere', () => {
    for (let cut = 1; cut < body.length; cut += cut < 200 ? 1 : 97) expect(read(body, cut)).toEqual(sound)
  })

  it.each<[string, TestForm, Partial<Read>]>([
    ['an empty file', { file: '' }, { file: '' }],
    ['a file without a name', { filename: null }, { filename: undefined, file: 'file content' }],
    ['a file with an empty name', { filename: '' }, { filename: '' }],
    ['a file alone', { fields: [] }, { fields: [] }],
    ['bytes that look like a boundary', { file: `\r\n--${BOUNDARY.slice(0, -1)}\r\n\r--\n\r\n-` }, {}],
  ])('%s', (_name, form, expected) => {
    for (const cut of [1, 2, 3, 7, 1000]) expect(read(formBody(form), cut)).toMatchObject(expected)
    if (typeof form.file === 'string') expect(read(formBody(form), 1).file).toBe(form.file)
  })

  it.each([
    ['a preamble', lines('This is a form.', '', `${FILE}${B}--`)],
    ['an empty line in front', lines('', `${FILE}${B}--`)],
    ['no line end behind', `${FILE}${B}--`],
    ['an epilogue', lines(`${FILE}${B}--`, 'That was a form.', B, '')],
    ['blanks behind a boundary', `${FILE.replace(B, `${B} \t`)}${B}--`],
    ['a name in other letters, without quotes', `${FILE.replace('"file"', 'FILE')}${B}--`],
    [
      'headers of other names',
      `${FILE.replace('\r\n\r\n', '\r\ncontent-type: text/plain\r\nX-Other:1\r\n\r\n')}${B}--`,
    ],
    ['an encoding that is none', `${FILE.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: BINARY\r\n\r\n')}${B}--`],
    // As python-requests sends a form that is all `files`.
    ['fields with file names', lines(B, `${DISPOSITION}"key"; filename="key"`, '', 'k', `${FILE}${B}--`)],
  ])('%s is read', (_name, text) => {
    for (const cut of [1, 5, 1000]) expect(read(text, cut)).toMatchObject({ filename: 'f.txt', file: 'hello' })
  })
})

describe('a form that is none', () => {
  it.each([
    ['MalformedPOSTRequest', 'nothing', ''],
    ['MalformedPOSTRequest', 'no boundary', 'this is not multipart'],
    ['MalformedPOSTRequest', 'another boundary', FILE.replaceAll(BOUNDARY, 'other')],
    ['MalformedPOSTRequest', 'no last boundary', FILE],
    ['MalformedPOSTRequest', 'an end inside of headers', lines(B, `${DISPOSITION}"file"`)],
    ['MalformedPOSTRequest', 'an end behind a boundary', lines(B, '')],
    ['MalformedPOSTRequest', 'a part without headers', lines(B, '', 'value', `${FILE}${B}--`)],
    ['MalformedPOSTRequest', 'a part without a disposition', lines(B, 'X: y', '', 'v', `${FILE}${B}--`)],
    [
      'MalformedPOSTRequest',
      'a part without a name',
      lines(B, 'Content-Disposition: form-data', '', 'v', `${FILE}${B}--`),
    ],
    ['MalformedPOSTRequest', 'a part of another kind', `${FILE.replace('form-data', 'file')}${B}--`],
    ['MalformedPOSTRequest', 'a header without a colon', `${FILE.replace('\r\n\r\n', '\r\nX\r\n\r\n')}${B}--`],
    ['MalformedPOSTRequest', 'a folded header', `${FILE.replace('; filename', ';\r\n filename')}${B}--`],
    ['MalformedPOSTRequest', 'a bare line feed in a header', `${FILE.replace('; filename', ';\n filename')}${B}--`],
    ['MalformedPOSTRequest', 'text behind a boundary', `${FILE.replace(B, `${B}x`)}${B}--`],
    ['MalformedPOSTRequest', 'bare line feeds', `${FILE}${B}--`.replaceAll('\r\n', '\n')],
    ['NotImplemented', 'base64', `${FILE.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n')}${B}--`],
    [
      'IncorrectNumberOfFilesInPostRequest',
      'no file',
      formBody({ fields: [['key', 'k']], file: undefined }).toString(),
    ],
    ['IncorrectNumberOfFilesInPostRequest', 'an empty form', `${B}--`],
    ['IncorrectNumberOfFilesInPostRequest', 'two files', `${FILE}${FILE}${B}--`],
  ])('%s: %s', (code, _name, text) => {
    for (const cut of [1, 3, 1000]) expect(refusal(text, cut)).toBe(code)
  })

  it('a field that is no UTF-8 is InvalidArgument, and a file that is none is stored', () => {
    const [before = '', behind = ''] = lines(B, `${DISPOSITION}"key"`, '', '@', `${FILE}${B}--`).split('@')
    expect(refusal(Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(behind)]))).toBe(
      'InvalidArgument',
    )
    expect(read(formBody({ file: Buffer.from([0xff, 0x00]) })).file).toBe('\xff\x00')
  })
})

describe('what stands beside the file', () => {
  const sized = (form: TestForm, bytes: number): Buffer => {
    const [fields, after] = [form.fields ?? [], form.after ?? []]
    const bare = formBody({ ...form, file: '' }).length
    const pad = ['pad', 'x'.repeat(Math.max(0, bytes - bare))] as const
    const padded = form.after === undefined ? { fields: [...fields, pad] } : { after: [...after, pad] }
    return formBody({ ...padded, file: 'y'.repeat(100_000) })
  }

  it('is limited before the file, to the byte', () => {
    // The part that bears the padding, and what follows the file.
    const own = formBody({ fields: [['pad', '']], file: '' }).length - formBody({ file: '' }).length
    const behind = `\r\n${B}--\r\n`.length
    const most = FORM_BYTES_MAX + behind - own
    for (const cut of [1, 100, 65_536]) {
      expect(refusal(sized({}, most), cut)).toBe('none')
      expect(refusal(sized({}, most + 1), cut)).toBe('MaxPostPreDataLengthExceededError')
    }
  })

  it('is limited while no file comes, whatever comes', () => {
    const endless = ['x', '\r\n', B, `${B} `, `${B}\r\nX: `, lines(B, `${DISPOSITION}"f"`, '', '')]
    for (const text of endless) {
      const body = text + ' '.repeat(FORM_BYTES_MAX)
      for (const cut of [10, 65_536]) expect(refusal(body, cut)).toBe('MaxPostPreDataLengthExceededError')
    }
  })

  it('is limited behind the file', () => {
    expect(refusal(sized({ after: [] }, FORM_BYTES_MAX - 1000))).toBe('none')
    expect(refusal(sized({ after: [] }, FORM_BYTES_MAX + 1000))).toBe('MalformedPOSTRequest')
    expect(refusal(`${FILE}${B}--${'x'.repeat(FORM_BYTES_MAX)}`)).toBe('MalformedPOSTRequest')
  })
})

describe('beside another parser', () => {
  /** The parser of Fastify's own plugin, as an independent reading. */
  function independent(body: Buffer): Promise<Read> {
    return new Promise((resolve, reject) => {
      const fields: [string, string][] = []
      const pieces: Buffer[] = []
      let filename: string | undefined
      const options = { preservePath: true, isPartAFile: (name: string | undefined) => name === 'file' }
      const busboy = new Busboy({ headers: { 'content-type': FORM_TYPE }, ...options })
      busboy.on('field', (name, value) => void fields.push([name, value]))
      busboy.on('file', (_name, stream, given) => {
        filename = given
        stream.on('data', (piece: Buffer) => pieces.push(piece))
      })
      busboy.on('finish', () => resolve({ fields, filename, file: Buffer.concat(pieces).toString('latin1') }))
      busboy.on('error', reject)
      busboy.end(body)
    })
  }

  it('reads random forms alike', async () => {
    // A generator of its own, so that a failure can be repeated.
    let state = 20_260_101
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      return (state >>> 8) % below
    }
    const snippets = ['\r\n', '\r', '\n', '--', B, `\r\n${B.slice(0, -2)}`, 'text', '\0', '中', '"', ';', '=', ' ']
    const text = (): string => Array.from({ length: random(12) }, () => snippets[random(snippets.length)]).join('')
    const harmless = (): string => text().replaceAll(B, '').replaceAll('\0', '')
    for (let round = 0; round < 300; round += 1) {
      const fields = Array.from({ length: random(5) }, (_, index) => [`f${index}`, harmless()] as const)
      const filename = `n${random(100)}.txt`
      const file = Buffer.from(
        Array.from({ length: random(200) }, text)
          .join('')
          .replaceAll(B, '!'),
      )
      const body = formBody({ fields, filename, file })
      const ours = read(body, 1 + random(300))
      expect(ours).toEqual(await independent(body))
      expect(ours.file).toBe(file.toString('latin1'))
    }
  })
})
