import { afterEach } from 'vitest'
import { EventWorld, type EventWorldOptions } from './event-world.ts'
import { seen } from './events.ts'
import { type HttpSink, openHttpSink, type SinkOptions } from './http-sink.ts'

export type UrlSink = HttpSink & { readonly url: string }

export interface EventWorlds {
  /** A world whose jobs run. */
  world(options?: EventWorldOptions): Promise<EventWorld>
  sink(answer?: SinkOptions['answer']): Promise<UrlSink>
  /** A receiver that answers with what `status` says of each key; 0 is no answer at all. */
  sinkThat(status: (key: string) => number): Promise<UrlSink>
}

/** Worlds and receivers that are closed behind each test. */
export function useEventWorlds(): EventWorlds {
  const worlds: EventWorld[] = []
  const sinks: HttpSink[] = []
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.dispose()
    for (const sink of sinks.splice(0)) await sink.close()
  })
  const sink = async (answer?: SinkOptions['answer']): Promise<UrlSink> => {
    const opened = await openHttpSink({ answer })
    sinks.push(opened)
    return Object.assign(opened, { url: `http://127.0.0.1:${opened.port}/` })
  }
  return {
    sink,
    sinkThat: (status) =>
      sink(({ body }, response) => {
        response.statusCode = status(seen(String(body)).key)
        if (response.statusCode > 0) response.end()
      }),
    world: async (options) => {
      const world = await EventWorld.open(options)
      worlds.push(world)
      world.start()
      return world
    },
  }
}

/** The keys of the events that have arrived, in their order. */
export function keysOf({ requests }: HttpSink): string[] {
  return requests.map(({ body }) => seen(String(body)).key)
}

/** So many names. */
export function numbered(count: number, name: (n: number) => string = String): string[] {
  return Array.from({ length: count }, (_, n) => name(n))
}
