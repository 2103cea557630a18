import type { Endpoint } from './endpoint.ts'

/**
 * The topic port: what carries an event's document to where a topic's endpoint says. The engines are http.ts, kafka.ts,
 * rabbitmq.ts and inbox.ts; each passes test/contracts/topic.ts. Everybody else asks the `TargetPool` (pool.ts), which
 * opens, bounds, times out and closes them.
 */
export interface TopicTarget {
  /**
   * Resolves when the event is acknowledged to the endpoint's ack level. It may be delivered all the same when this
   * rejects: delivery is at least once.
   *
   * Rejects soon after the signal aborts, except that an engine which cannot take a message back rejects when its
   * broker has answered or is given up: then nothing of the event is in memory any more.
   * @throws PushFailed
   */
  push(event: TopicEvent, signal: AbortSignal): Promise<void>
  /** Ends what is under way with PushFailed `stopping`. Waits a moment at most for a broker that does not answer. */
  close(): Promise<void>
}

/** Makes the target of an endpoint. It connects when the first event comes, and again when the connection is lost. */
export type OpenTarget<E extends Endpoint = Endpoint> = (endpoint: E) => TopicTarget

/** One event on its way to one topic. */
export interface TopicEvent {
  /** The topic's name: Kafka's topic, AMQP's routing key. */
  readonly topic: string
  /** The document as it is sent: UTF-8 JSON in one line. */
  readonly document: Buffer
  /**
   * Whose order is kept: of those with the same one, the pool begins none before the one that was pushed earlier has
   * ended, and Kafka has them in one partition. The bucket's id and the object's key, for instance.
   */
  readonly orderingKey: string
  readonly cloudEvent: CloudEventAttributes
}

/** CloudEvents 1.0 context attributes, for HTTP endpoints with `cloudevents`. Text as it is: http.ts encodes it. */
export interface CloudEventAttributes {
  /** `<x-amz-request-id>.<x-amz-id-2>` in RGW. */
  readonly id: string
  /** `<eventSource>.<awsRegion>.<bucket>` */
  readonly source: string
  /** `com.amazonaws.<eventName>` */
  readonly type: string
  /** ISO 8601 */
  readonly time: string
  /** The object's key. */
  readonly subject: string
}

/**
 * Why a push failed, and whether the same event may succeed later: somebody may start the broker, create the exchange
 * or mend the password meanwhile, but an event that is too large stays so.
 */
export const PUSH_FAILURES = {
  /** No connection, or it was lost on the way. */
  unreachable: { retryable: true },
  /** The other side answered, and did not take it: status, credentials, unknown exchange or topic, unroutable. */
  refused: { retryable: true },
  timeout: { retryable: true },
  /** Too much is under way to this endpoint already. */
  busy: { retryable: true },
  /** The address is one that this server does not connect to. */
  forbidden: { retryable: true },
  /** What the endpoint's attributes name is not there: a file of certificates. */
  misconfigured: { retryable: true },
  'too-large': { retryable: false },
  /** The caller's signal aborted, or the server stops. */
  stopping: { retryable: true },
} as const satisfies Record<string, { readonly retryable: boolean }>

export type PushFailureReason = keyof typeof PUSH_FAILURES

/** The event has not been acknowledged. The message is for the operator and holds no secret. */
export class PushFailed extends Error {
  override readonly name = 'PushFailed'
  readonly reason: PushFailureReason

  constructor(reason: PushFailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }

  get retryable(): boolean {
    return PUSH_FAILURES[this.reason].retryable
  }
}
