import { readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { constants, getPriority, setPriority } from 'node:os'
import { type Call, type Reply, SOCKET_FD } from '../calls.ts'
import { RenderFailed, type RenderLimits } from '../renderer.ts'
import { type Message, MessageReader, sendMessage } from '../wire.ts'
import { Engine } from './engine.ts'

// The process in which pictures are rendered; render-process.ts starts it and talks to it. It ends when the server
// does, however the server ends.

/** A source's bytes: more than any configuration lets in. */
const PICTURE_BYTES_MAX = 1024 * 1024 * 1024
/**
 * Below the server's: pictures take what requests leave. With 10 the requests' slowest percentile took more than three
 * times as long beside pictures, with 19 a picture took seconds on a busy machine.
 */
const NICENESS = 15
/** How often memory is looked at. Decoders fill some 2 GB/s at best. */
const WATCH_MS = 25

/** What V8 and libvips say when there is no more. */
const MEMORY = /allocation failed|out of memory/i
const TOO_MUCH = 'The picture takes too much memory.'

const socket = new Socket({ fd: SOCKET_FD })
const reader = new MessageReader({ bodyBytesMax: PICTURE_BYTES_MAX, onMessage: (message) => void serve(message) })
const state: { engine?: Engine } = {}

// A terminal and systemd send these to all processes of the server, which finishes its requests before it ends.
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(name, () => undefined)
socket.on('data', (bytes) => reader.take(bytes))
socket.on('close', die)
socket.on('error', die)
yieldToRequests()

async function serve({ head, body }: Message): Promise<void> {
  const answered = await answer(head as Call, body).catch((cause: unknown) => ({
    reply: replyOf(cause),
    bytes: undefined,
  }))
  sendMessage(socket, answered.reply, answered.bytes)
}

async function answer(call: Call, body: Buffer): Promise<{ reply: Reply; bytes: Buffer | undefined }> {
  switch (call.call) {
    case 'begin':
      state.engine = new Engine(call.limits)
      watch(call.limits)
      return { reply: { value: process.pid }, bytes: undefined }
    case 'open':
      return { reply: { value: await engine().open(body) }, bytes: undefined }
    case 'render': {
      const { bytes, ...rendered } = await engine().render(call.plan)
      return { reply: { value: rendered }, bytes }
    }
    case 'average-hue':
      return { reply: { value: await engine().averageHue(call.picture) }, bytes: undefined }
    case 'forget':
      engine().forget()
      globalThis.gc?.()
      return { reply: { value: process.memoryUsage.rss() }, bytes: undefined }
  }
}

function engine(): Engine {
  if (state.engine === undefined) throw new Error('a renderer is told its limits first')
  return state.engine
}

function replyOf(cause: unknown): Reply {
  const text = cause instanceof Error ? String(cause.stack) : String(cause)
  if (MEMORY.test(text)) return { failure: { reason: 'out-of-memory', message: TOO_MUCH, cause: text } }
  if (!(cause instanceof RenderFailed)) return { error: text }
  return { failure: { reason: cause.reason, message: cause.message, cause: String(cause.cause ?? '') } }
}

/** Linux has a niceness for each thread: those that are there already, V8's and libuv's among them, keep their own. */
function yieldToRequests(): void {
  const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid]
  // The server's own, which it has been started with.
  const niceness = Math.min(getPriority() + NICENESS, constants.priority.PRIORITY_LOW)
  for (const thread of threads) {
    try {
      setPriority(thread, niceness)
    } catch {
      // One that has ended meanwhile; and where a process may not do so, it competes on equal terms.
    }
  }
}

/** Decoders work in threads of their own, so that this runs while they do. */
function watch({ memoryBytes }: RenderLimits): void {
  setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytes) die()
  }, WATCH_MS).unref()
}

/** At once: threads that decode would hold up an orderly end. */
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}
