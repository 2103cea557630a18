import { isInboxName } from '../topics/endpoint.ts'
import type { Inboxes } from '../topics/inbox.ts'
import { type InboxMatch, parseMatch } from '../topics/inbox-match.ts'
import { PushFailed } from '../topics/topic.ts'
import { ControlRefusal, type ControlRequest, type ControlRoutes } from './control.ts'

/** Events that `wait` waits for where the request does not say. */
const COUNT_DEFAULT = 1
const COUNT_MAX = 100_000
/** How long `wait` waits where the request does not say. */
const TIMEOUT_MS_DEFAULT = 10_000
const TIMEOUT_MS_MAX = 600_000

const MATCH =
  'match: expected such as ObjectCreated:*,bucket=photos,prefix=x/ (event, topic, bucket, key, prefix, suffix)'

/** What has been pushed to `inbox://<name>`: reads it, forgets it, and waits for it. */
export function inboxControl(inboxes: Inboxes): ControlRoutes {
  return {
    '/control/inbox': {
      GET: async () => ({ inboxes: inboxes.names() }),
    },
    '/control/inbox/<name>': {
      GET: async (request) => {
        const { match } = readQuery(request, ['match'])
        return inboxes.list(nameOf(request), readMatch(match))
      },
      DELETE: async (request) => {
        const { match } = readQuery(request, ['match'])
        return { cleared: inboxes.clear(nameOf(request), readMatch(match)) }
      },
    },
    '/control/inbox/<name>/wait': {
      GET: async (request) => await wait(inboxes, request),
    },
  }
}

async function wait(inboxes: Inboxes, request: ControlRequest): Promise<object> {
  const query = readQuery(request, ['count', 'match', 'timeoutMs'])
  const match = readMatch(query['match'])
  const count = readNumber('count', query, { otherwise: COUNT_DEFAULT, min: 0, max: COUNT_MAX })
  const timeoutMs = readNumber('timeoutMs', query, { otherwise: TIMEOUT_MS_DEFAULT, min: 0, max: TIMEOUT_MS_MAX })
  const content = await inboxes
    .wait(nameOf(request), { count, match, timeoutMs, signal: request.signal })
    .catch((cause: unknown) => {
      throw cause instanceof PushFailed ? new ControlRefusal(503, cause.message) : cause
    })
  if (content.events.length >= count) return content
  const reason = `${content.events.length} of ${count} events have come within ${timeoutMs} ms`
  throw new ControlRefusal(504, reason, content)
}

/** Whoever waits at a name that no endpoint can have would wait in vain. */
function nameOf({ name = '' }: ControlRequest): string {
  if (isInboxName(name)) return name
  throw new ControlRefusal(400, 'expected the name of an inbox: 1 to 64 letters, digits and . _ -')
}

type Query = Readonly<Record<string, string | undefined>>

function readQuery({ query }: ControlRequest, known: readonly string[]): Query {
  const read: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name)) throw new ControlRefusal(400, `unknown parameter ${name}: there is ${known.join(', ')}`)
    if (typeof value !== 'string') throw new ControlRefusal(400, `${name}: expected one value`)
    read[name] = value
  }
  return read
}

function readMatch(text: string | undefined): InboxMatch {
  const match = parseMatch(text ?? '')
  if (match === undefined) throw new ControlRefusal(400, MATCH)
  return match
}

function readNumber(
  name: string,
  query: Query,
  { otherwise, min, max }: { otherwise: number; min: number; max: number },
): number {
  const text = query[name]
  const value = text === undefined ? otherwise : /^\d{1,7}$/.test(text) ? Number(text) : -1
  if (value < min || value > max)
    throw new ControlRefusal(400, `${name}: expected a whole number from ${min} to ${max}`)
  return value
}
