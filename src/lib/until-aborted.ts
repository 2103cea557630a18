/**
 * The pieces of `source`, cut short with the signal's reason when it aborts, even while the next piece is awaited: a
 * client that sends nothing must not hold what its upload holds. One listener serves the whole stream; racing each
 * piece against one promise would keep a reaction for every piece until the end.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  let interrupt: (reason: unknown) => void = () => undefined
  const onAbort = () => interrupt(signal.reason)
  const pieces = source[Symbol.asyncIterator]()
  let exhausted = false
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      signal.throwIfAborted()
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject
        pieces.next().then(resolve, reject)
      })
      exhausted = step.done === true
      if (step.done === true) return
      yield step.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Not awaited: a generator that waits for its own source answers only when that moves again.
    if (!exhausted) pieces.return?.().catch(() => undefined)
  }
}
