/** The part of kafkajs 2.2.4 that kafka.ts mends, and that has no types. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  class RequestQueue {
    readonly pending: readonly unknown[]
    scheduleCheckPendingRequests(): void
  }
  export = RequestQueue
}
