import { Bag } from './bag.ts'

const waiting = new WeakMap<AbortSignal, Bag<() => void>>()

/**
 * Calls back when the signal aborts, which it has not done yet. One listener serves all that wait for a signal, so that
 * it may be one that lives long and that many wait for: an EventTarget's listeners are a list, with the drawback of a
 * Set (bag.ts).
 * @returns the function that lets go
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? listen(signal)
  const place = callbacks.add(callback)
  return () => void callbacks.remove(place)
}

function listen(signal: AbortSignal): Bag<() => void> {
  const callbacks = new Bag<() => void>()
  waiting.set(signal, callbacks)
  const tell = () => {
    for (const callback of callbacks.items()) callback()
  }
  signal.addEventListener('abort', tell, { once: true })
  return callbacks
}
