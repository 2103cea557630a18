/** Upper bounds of the latency histogram in seconds: a small GET is below the first, a large part above the last. */
export const LATENCY_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** Requests without an operation: preflight requests, and those that failed before one was found for them. */
export const UNRESOLVED = 'none'

export interface FinishedRequest {
  readonly operation: string | undefined
  readonly status: number
  readonly durationMs: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** What has been counted for one operation. */
export interface OperationCounts {
  readonly byStatus: Map<number, number>
  /** Requests per bound of LATENCY_BOUNDS_S, each in one only; the last place counts what was slower. */
  readonly latency: number[]
  seconds: number
  bytesIn: number
  bytesOut: number
}

/** Counts requests as they end. Operations are a closed list, so the number of series is bounded. */
export class RequestMetrics {
  readonly #byOperation = new Map<string, OperationCounts>()

  count(request: FinishedRequest): void {
    const counts = this.#counts(request.operation ?? UNRESOLVED)
    const seconds = request.durationMs / 1000
    counts.byStatus.set(request.status, (counts.byStatus.get(request.status) ?? 0) + 1)
    let place = 0
    while (place < LATENCY_BOUNDS_S.length && seconds > (LATENCY_BOUNDS_S[place] ?? 0)) place += 1
    counts.latency[place] = (counts.latency[place] ?? 0) + 1
    counts.seconds += seconds
    counts.bytesIn += request.bytesIn
    counts.bytesOut += request.bytesOut
  }

  byOperation(): ReadonlyMap<string, Readonly<OperationCounts>> {
    return this.#byOperation
  }

  #counts(operation: string): OperationCounts {
    let counts = this.#byOperation.get(operation)
    if (counts === undefined) {
      const latency = new Array<number>(LATENCY_BOUNDS_S.length + 1).fill(0)
      counts = { byStatus: new Map(), latency, seconds: 0, bytesIn: 0, bytesOut: 0 }
      this.#byOperation.set(operation, counts)
    }
    return counts
  }
}
