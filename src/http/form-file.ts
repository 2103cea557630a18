import { Readable } from 'node:stream'
import { S3Error, s3Error } from '../errors.ts'
import { addField, type FormFields } from '../s3/form/fields.ts'
import { FormParser } from '../s3/form/parser.ts'
import { ANY_LENGTH, type LengthRange } from '../s3/signature/post-policy.ts'

/** What comes before the file's bytes. */
export interface FormStart {
  readonly fields: FormFields
  /** As the client's program gave it; undefined where it gave none. */
  readonly filename: string | undefined
}

/**
 * The file of a form, as a stream between the request's body and whoever stores it. It ends when the whole form has
 * been read and found sound, so that nothing of a broken one is stored; it fails with the S3Error of what is wrong.
 * What is left of the body when it is destroyed stays unread and paused.
 */
export class FormFile extends Readable {
  readonly #source: Readable
  readonly #parser: FormParser
  readonly #start = Promise.withResolvers<FormStart>()
  readonly #fields = new Map<string, string>()
  #length = ANY_LENGTH
  #sizeBytes = 0
  #isWhole = false

  /** @param source the body, freed of its transfer framing; nobody has read from it */
  constructor(source: Readable, boundary: string) {
    super()
    this.#source = source
    this.#parser = new FormParser(boundary, {
      field: (name, value) => addField(this.#fields, name, value),
      file: (filename) => {
        // Whoever reads the file lets the rest come.
        source.pause()
        this.#start.resolve({ fields: this.#fields, filename })
      },
      data: (bytes) => this.#hand(bytes),
    })
    // It may fail when nobody reads it yet, or nobody any more: whoever reads hears of it all the same.
    this.on('error', () => undefined)
  }

  /**
   * Reads up to the file. To be called once.
   * @throws S3Error those of FormParser, and what the body fails with
   */
  start(): Promise<FormStart> {
    const source = this.#source
    source.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
    // A request that broke off before anybody read it says so no more.
    if (source.destroyed && !source.readableEnded) this.#onClose()
    return this.#start.promise
  }

  /** @throws S3Error EntityTooLarge and EntityTooSmall, where it is clear already; else the stream fails with them */
  limit(length: LengthRange): void {
    this.#length = length
    this.#assertLength()
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    this.#source.pause()
    callback(error)
  }

  #hand(bytes: Buffer): void {
    this.#sizeBytes += bytes.length
    this.#assertLength()
    if (!this.push(bytes)) this.#source.pause()
  }

  #assertLength(): void {
    const { minBytes, maxBytes } = this.#length
    if (this.#sizeBytes > maxBytes) throw tooLarge(this.#sizeBytes, maxBytes)
    if (this.#isWhole && this.#sizeBytes < minBytes) {
      throw s3Error('EntityTooSmall', { ProposedSize: this.#sizeBytes, MinSizeAllowed: minBytes })
    }
  }

  #fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    this.#start.reject(error)
    this.destroy(error)
  }

  readonly #onData = (bytes: Buffer): void => {
    try {
      this.#parser.push(bytes)
    } catch (cause) {
      this.#fail(cause)
    }
  }

  readonly #onEnd = (): void => {
    try {
      this.#parser.end()
      this.#isWhole = true
      this.#assertLength()
      this.push(null)
    } catch (cause) {
      this.#fail(cause)
    }
  }

  readonly #onError = (cause: Error): void => {
    this.#fail(cause instanceof S3Error ? cause : s3Error('IncompleteBody', {}, { cause }))
  }

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded) this.#fail(s3Error('IncompleteBody'))
  }
}

export function tooLarge(proposedBytes: number, maxBytes: number): S3Error {
  return s3Error('EntityTooLarge', { ProposedSize: proposedBytes, MaxSizeAllowed: maxBytes })
}
