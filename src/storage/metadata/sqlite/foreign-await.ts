import { AssertionError } from 'node:assert/strict'

/**
 * A transaction's work that awaits only the transaction has settled when the microtasks have drained, because every
 * method of a transaction answers at once. Work that has not settled by then waits for something else.
 */
export function foreignAwait(): AssertionError {
  return new AssertionError({
    message:
      'the work of a transaction awaited something other than its transaction (a stream, a timer, another store): ' +
      'its effects were undone',
  })
}
