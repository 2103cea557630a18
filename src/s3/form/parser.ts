import { isUtf8 } from 'node:buffer'
import { type S3Error, s3Error } from '../../errors.ts'
import { parseParameters } from './parameters.ts'

/**
 * S3's limit on a form without its file's bytes: fields, part headers and boundaries. It bounds how many fields there
 * can be, how long their names are, and what is kept in memory before the caller is known.
 */
export const FORM_BYTES_MAX = 20 * 1024

export interface FormSink {
  /** A field before the file; its name as sent. */
  field(name: string, value: string): void
  /** The file begins. `filename` is undefined where the client gave none. */
  file(filename: string | undefined): void
  /** The next bytes of the file, as views of the input. */
  data(bytes: Buffer): void
}

/**
 * Where the parser is: before the first boundary; behind a boundary; in a part's headers; in a field, in the file, or
 * in a field behind the file, which S3 ignores; behind the last boundary.
 */
type State = 'preamble' | 'boundary' | 'headers' | 'field' | 'file' | 'ignored' | 'epilogue'

/**
 * Reads a multipart/form-data body (RFC 7578), however its bytes are cut. Written here and not taken from a library:
 * S3's rules ask how many bytes came before the file, and nothing may be skipped because it is unreadable. Libraries
 * for web frameworks skip such parts, and replace what is no UTF-8.
 */
export class FormParser {
  readonly #delimiter: Buffer
  readonly #sink: FormSink
  #state: State = 'preamble'
  /** What is not understood yet. The first boundary has no line end before it unless there is a preamble. */
  #pending: Buffer = LINE_END
  #name = ''
  #value: Buffer[] = []
  #hadFile = false
  /** Bytes that are not the file's: those before it, then those behind it. */
  #formBytes = -LINE_END.length

  /** @param boundary as the Content-Type names it, one character per byte */
  constructor(boundary: string, sink: FormSink) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
    this.#sink = sink
  }

  /**
   * @throws S3Error MalformedPOSTRequest; MaxPostPreDataLengthExceededError for more than FORM_BYTES_MAX before the
   *   file; IncorrectNumberOfFilesInPostRequest for a second file; InvalidArgument for a field that is no UTF-8
   */
  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    while (this.#step());
    if (this.#state !== 'file') this.#assertSize(this.#formBytes + this.#pending.length)
    // A copy, so that a few bytes do not keep a whole buffer of the socket's.
    this.#pending = this.#pending.length === 0 ? NOTHING : Buffer.from(this.#pending)
  }

  /**
   * To be called at the end of the body.
   * @throws S3Error MalformedPOSTRequest where the last boundary is missing, IncorrectNumberOfFilesInPostRequest where
   *   there was no file
   */
  end(): void {
    if (this.#state !== 'epilogue') throw malformed('The form does not end with its boundary.')
    if (!this.#hadFile) throw wrongNumberOfFiles(0)
  }

  /** Whether there may be more to understand without more bytes. */
  #step(): boolean {
    if (this.#state === 'boundary') return this.#behindBoundary()
    if (this.#state === 'headers') return this.#headers()
    if (this.#state === 'epilogue') {
      this.#takeForm(this.#pending.length)
      return false
    }
    return this.#content()
  }

  #content(): boolean {
    const at = this.#pending.indexOf(this.#delimiter)
    this.#hand(at < 0 ? this.#pending.length - this.#heldBack() : at)
    if (at < 0) return false
    if (this.#state === 'field') this.#endField()
    this.#takeForm(this.#delimiter.length)
    this.#state = 'boundary'
    return true
  }

  #hand(length: number): void {
    if (length === 0) return
    if (this.#state === 'file') {
      this.#sink.data(this.#take(length))
    } else {
      const bytes = this.#takeForm(length)
      if (this.#state === 'field') this.#value.push(Buffer.from(bytes))
    }
  }

  /** How many bytes at the end may be the beginning of a boundary. */
  #heldBack(): number {
    const { length } = this.#pending
    const from = Math.max(0, length - this.#delimiter.length + 1)
    for (let at = this.#pending.indexOf(CARRIAGE_RETURN, from); at >= 0; ) {
      if (this.#delimiter.subarray(0, length - at).equals(this.#pending.subarray(at))) return length - at
      at = this.#pending.indexOf(CARRIAGE_RETURN, at + 1)
    }
    return 0
  }

  /** `--` ends the form; else there may be blanks (RFC 2046 section 5.1.1) before the line's end. */
  #behindBoundary(): boolean {
    if (this.#pending.length < DASHES.length) return false
    if (this.#startsWith(DASHES)) {
      this.#takeForm(DASHES.length)
      this.#state = 'epilogue'
      return true
    }
    const end = this.#pending.indexOf(LINE_END)
    const padding = this.#pending.toString('latin1', 0, end < 0 ? undefined : end)
    if (!/^[ \t]*\r?$/.test(padding)) throw malformed('A boundary is followed by something else than a line end.')
    if (end < 0) return false
    this.#takeForm(end + LINE_END.length)
    this.#state = 'headers'
    return true
  }

  #headers(): boolean {
    if (this.#startsWith(LINE_END)) throw malformed('A part has no headers.')
    const end = this.#pending.indexOf(HEADERS_END)
    if (end < 0) return false
    const text = this.#takeForm(end).toString('latin1')
    this.#takeForm(HEADERS_END.length)
    const { name, filename } = readPartHeaders(text)
    if (name.toLowerCase() === 'file') this.#beginFile(filename)
    else if (this.#hadFile) this.#state = 'ignored'
    else {
      this.#name = name
      this.#state = 'field'
    }
    return true
  }

  #beginFile(filename: string | undefined): void {
    if (this.#hadFile) throw wrongNumberOfFiles(2)
    this.#assertSize(this.#formBytes)
    this.#formBytes = 0
    this.#hadFile = true
    this.#state = 'file'
    this.#sink.file(filename)
  }

  #endField(): void {
    const bytes = Buffer.concat(this.#value)
    this.#value = []
    if (!isUtf8(bytes)) {
      throw s3Error('InvalidArgument', { ArgumentName: this.#name }, { message: 'A form field must be UTF-8.' })
    }
    this.#sink.field(this.#name, bytes.toString('utf8'))
  }

  #startsWith(bytes: Buffer): boolean {
    return this.#pending.subarray(0, bytes.length).equals(bytes)
  }

  #take(length: number): Buffer {
    const bytes = this.#pending.subarray(0, length)
    this.#pending = this.#pending.subarray(length)
    return bytes
  }

  #takeForm(length: number): Buffer {
    this.#formBytes += length
    return this.#take(length)
  }

  #assertSize(formBytes: number): void {
    if (formBytes <= FORM_BYTES_MAX) return
    if (this.#hadFile) throw malformed(`More than ${FORM_BYTES_MAX} bytes follow the file.`)
    throw s3Error('MaxPostPreDataLengthExceededError', { MaxPostPreDataLengthBytes: FORM_BYTES_MAX })
  }
}

const NOTHING = Buffer.alloc(0)
const LINE_END = Buffer.from('\r\n')
const HEADERS_END = Buffer.from('\r\n\r\n')
const DASHES = Buffer.from('--')
const CARRIAGE_RETURN = 0x0d
/** Transfer encodings that leave the bytes as they are. Browsers send none; RFC 7578 does away with all of them. */
const IDENTITY_ENCODINGS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])

/** @param latin1 a part's header lines, one character per byte */
function readPartHeaders(latin1: string): { name: string; filename: string | undefined } {
  let disposition: string | undefined
  for (const line of latin1.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0 || /[\r\n\0]/.test(line)) throw malformed('A part has a header that cannot be read.')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'content-disposition') disposition ??= value
    if (name === 'content-transfer-encoding' && !IDENTITY_ENCODINGS.has(value.toLowerCase())) {
      const message = `The Content-Transfer-Encoding ${value} of a form field is not implemented`
      throw s3Error('NotImplemented', {}, { message })
    }
  }
  const read = disposition === undefined ? undefined : parseParameters(disposition)
  const name = read?.parameters.get('name')
  if (read?.value !== 'form-data' || name === undefined) throw malformed('A part of the form has no name.')
  return { name, filename: read.parameters.get('filename') }
}

export function malformed(message: string): S3Error {
  return s3Error('MalformedPOSTRequest', {}, { message })
}

function wrongNumberOfFiles(count: number): S3Error {
  return s3Error('IncorrectNumberOfFilesInPostRequest', { ArgumentName: 'file', ArgumentValue: count })
}
