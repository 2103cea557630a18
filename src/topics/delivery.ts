import { AttributeReader, BadAttribute } from './attributes.ts'
import type { EndpointProblem } from './endpoint.ts'

/** How a topic's events are kept until they are delivered. */
export interface Delivery {
  /** Whether they are, at all: otherwise each is tried once, before the answer. */
  readonly persistent: boolean
  /** How long an event may wait, in seconds: 0 is for ever. Undefined: the server's default. */
  readonly timeToLiveS: number | undefined
  /** How often it is tried again: 0 is without end. Undefined: the server's default. */
  readonly maxRetries: number | undefined
  /** How long it rests between two tries, in seconds. Undefined: the server's default. */
  readonly retrySleepS: number | undefined
}

/** What RGW's `persistent`, `time_to_live`, `max_retries` and `retry_sleep_duration` say. */
export function readDelivery(
  attributes: Readonly<Record<string, string>>,
): { readonly delivery: Delivery } | { readonly problem: EndpointProblem } {
  const reader = new AttributeReader(attributes)
  try {
    return {
      delivery: {
        persistent: reader.flag('persistent', false),
        timeToLiveS: reader.count('time_to_live'),
        maxRetries: reader.count('max_retries'),
        retrySleepS: reader.count('retry_sleep_duration'),
      },
    }
  } catch (cause) {
    if (!(cause instanceof BadAttribute)) throw cause
    return { problem: { attribute: cause.attribute, message: cause.message } }
  }
}
