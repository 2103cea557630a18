import type { ChecksumAlgorithm } from '../../storage/metadata/rows.ts'

/** What a client said about a body's digests before sending it. */
export interface Integrity {
  /** The 16 bytes of Content-MD5. */
  readonly contentMd5: Buffer | undefined
  /**
   * The checksum to compute: named by x-amz-checksum-<algorithm> (then with its value), by x-amz-trailer (the value
   * follows in the trailer), or by x-amz-sdk-checksum-algorithm alone.
   */
  readonly checksum:
    | {
        readonly algorithm: ChecksumAlgorithm
        /** Base64, where a header gave it. */
        readonly value: string | undefined
        /** Whether the value comes in the trailer; its absence there is an error. */
        readonly inTrailer: boolean
      }
    | undefined
}

export const NO_INTEGRITY: Integrity = { contentMd5: undefined, checksum: undefined }
