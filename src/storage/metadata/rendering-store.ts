// Rendered pictures that are kept: their rows, and the part of the metadata port that keeps them.

/** Which picture, and what was done to it. */
export interface RenderingRef {
  /** VersionRow.id of the picture, which no other version ever has. */
  readonly sourceId: number
  /** Of the directive and all else that the result depends on, in hex. */
  readonly digest: string
}

/** One result. It is no object: listings, counters, usage and quotas know nothing of it. */
export interface RenderingRow extends RenderingRef {
  readonly manifestId: number
  readonly sizeBytes: number
  readonly contentType: string
  /** MD5 of its bytes, in hex. */
  readonly etag: string
  /** When it was last asked for, roughly: uses are noted now and then. */
  readonly usedMs: number
}

/** A rendering that has been asked for. */
export interface RenderingUse extends RenderingRef {
  readonly usedMs: number
}

export interface RenderingTotal {
  readonly count: number
  readonly bytes: number
}

export interface RenderingReader {
  find(ref: RenderingRef): Promise<RenderingRow | undefined>
  /** Of all renderings together. Costs one lookup, however many they are. */
  total(): Promise<RenderingTotal>
  /** Those that were not asked for the longest, in the order of their last uses. */
  leastUsed(limit: number): Promise<RenderingRow[]>
  countOf(sourceId: number): Promise<number>
  /** Of one picture's: the one that was not asked for the longest. Reads all of that picture's rows. */
  leastUsedOf(sourceId: number): Promise<RenderingRow | undefined>
}

/**
 * VersionWriter.remove and VersionWriter.replace drop the renderings of the version that goes: no row here is of a
 * version that is not there.
 */
export interface RenderingWriter {
  /**
   * Inserts it, with the reference to its manifest, or replaces the one of this ref, whose manifest becomes garbage,
   * deletable from that time on. The caller has seen that the picture is there.
   */
  put(rendering: RenderingRow, deletableAtMs: number): Promise<void>
  /** Notes when they were last asked for; those that are gone are passed over. */
  setUsed(uses: readonly RenderingUse[]): Promise<void>
  /** Their manifests become garbage, deletable from that time on. Those that are gone are passed over. */
  remove(renderings: readonly RenderingRef[], deletableAtMs: number): Promise<void>
}
